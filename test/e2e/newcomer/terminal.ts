import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

/** A newcomer's shell: a current folder, and what was left running. */
export class Terminal implements AsyncDisposable {
  readonly #environment: NodeJS.ProcessEnv;
  #folder: string;
  #running: { readonly child: ChildProcess; output: string; seen: number } | undefined;

  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Runs a command to its end. @returns its output and exit code; null when it was ended because it took longer than `limitMs`. */
  async run(command: string, limitMs: number): Promise<{ readonly output: string; readonly code: number | null }> {
    const to = /^cd (.+)$/.exec(command)?.[1];
    if (to !== undefined) {
      this.#folder = resolve(this.#folder, to);
      return { output: "", code: 0 };
    }
    const child = this.#spawn(command);
    const tooLate = setTimeout(() => endGroup(child, "SIGKILL"), limitMs);
    let output = "";
    const take = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    await once(child, "close");
    clearTimeout(tooLate);
    return { output, code: child.exitCode };
  }

  /** Starts a command and leaves it running. */
  leaveRunning(command: string): void {
    const running = { child: this.#spawn(command), output: "", seen: 0 };
    const take = (chunk: Buffer): void => void (running.output += chunk.toString());
    running.child.stdout?.on("data", take);
    running.child.stderr?.on("data", take);
    this.#running = running;
  }

  /** Waits until what runs has said `text`, after what was waited for before. @returns false when it did not within `limitMs`, or has ended. */
  async see(text: string, limitMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + limitMs;
    while (this.#running !== undefined && performance.now() < giveUpAt && this.#running.child.exitCode === null) {
      const at = this.#running.output.indexOf(text, this.#running.seen);
      if (at >= 0) {
        this.#running.seen = at + text.length;
        return true;
      }
      await new Promise((later) => setTimeout(later, 10));
    }
    return false;
  }

  /** The last lines of what runs. */
  get tail(): string {
    return this.#running?.output.split("\n").slice(-12).join("\n") ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#running?.child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "close");
    endGroup(child, "SIGINT");
    const tooLate = setTimeout(() => endGroup(child, "SIGKILL"), 10_000);
    await ended;
    clearTimeout(tooLate);
  }

  #spawn(command: string): ChildProcess {
    // A group of its own, so that npm, its shell and the command end together, as with Ctrl-C.
    return spawn("sh", ["-c", command], {
      cwd: this.#folder,
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // it ended by itself in the meantime
  }
}
