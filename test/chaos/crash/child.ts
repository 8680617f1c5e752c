import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { ChildMessage, ParentMessage } from "./protocol.ts";

export interface ChildOptions {
  /** File name below `test/chaos/`. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Loads `inject.ts` first. */
  readonly injected: boolean;
  /** What it writes is appended here. */
  readonly log: string;
  readonly onMessage?: (message: ChildMessage) => void;
}

const folder = new URL("../", import.meta.url);
const longestStartMs = 180_000;

/** A process of the harness: it ends with the harness, and is only ever signalled through this handle. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** What it said when it was ready: its URL. Rejects when it ended or took too long instead. */
  readonly ready: Promise<string>;
  /** It has stopped because it was told to stop at a certain place. */
  stopped = false;

  constructor(options: ChildOptions) {
    const child = fork(new URL(options.entry, folder), {
      env: { ...process.env, ...options.environment },
      execArgv: options.injected ? ["--import", new URL("inject.ts", folder).href] : [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#process = child;
    const log = createWriteStream(options.log, { flags: "a" });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    this.#exited = once(child, "close").then(() => log.end());
    this.ready = new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`${options.entry} was not ready in time.`)), longestStartMs);
      const settle = (act: () => void): void => {
        clearTimeout(tooLate);
        act();
      };
      child.on("message", (message: ChildMessage) => {
        if ("ready" in message) settle(() => resolve(message.ready));
        if ("stopped" in message) this.stopped = true;
        options.onMessage?.(message);
      });
      child.on("error", (error) => settle(() => reject(error)));
      child.on("exit", (code, signal) =>
        settle(() => reject(new Error(`${options.entry} ended (${signal ?? code}) before it was ready.`))),
      );
    });
    this.ready.catch(() => {});
  }

  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** How it ended, for people. */
  get end(): string {
    return `${this.#process.signalCode ?? `code ${this.#process.exitCode}`}`;
  }

  send(message: ParentMessage): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM"): void {
    if (this.alive) this.#process.kill(signal);
  }

  /** Resolves when it has ended and everything it said has been heard. */
  async exited(): Promise<void> {
    await this.#exited;
  }

  /** Ends it for good: by closing the channel it watches; what does not listen is killed. Safe to call twice. */
  async stop(graceMs = 10_000): Promise<void> {
    if (!this.alive) return;
    // Not `close`: once we have disconnected, Node does not emit it any more.
    const ended = once(this.#process, "exit");
    this.signal("SIGCONT");
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.signal("SIGKILL"), graceMs);
    await ended;
    clearTimeout(timer);
  }
}
