import { spawn } from "node:child_process";
import { once } from "node:events";

/** A `belay` command that runs as a process of its own, as from a shell. */
export interface RunningCommand extends AsyncDisposable {
  /** Resolves with the output so far, once it matches; rejects with the output when the command ends before. */
  until(pattern: RegExp): Promise<string>;
  /** Interrupts it as Ctrl-C does. */
  interrupt(): void;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

const root = new URL("../../../../", import.meta.url);

export function runBelay(...args: readonly string[]): RunningCommand {
  return run(root.pathname, {}, args);
}

/** In a folder of its own: what `belay dev` notes there is found by the commands of this folder only. */
export function runBelayIn(folder: string, ...args: readonly string[]): RunningCommand {
  return run(folder, {}, args);
}

/** With variables added to its environment. */
export function runBelayWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): RunningCommand {
  return run(root.pathname, environment, args);
}

function run(folder: string, environment: Readonly<Record<string, string>>, args: readonly string[]): RunningCommand {
  const { BELAY_URL: _url, BELAY_ADMIN_TOKEN: _token, DATABASE_URL: _database, ...env } = process.env;
  const child = spawn(process.execPath, [new URL("packages/cli/src/main.ts", root).pathname, ...args], {
    cwd: folder,
    env: { ...env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const looks = new Set<() => void>();
  const take = (add: (text: string) => void) => (chunk: Buffer) => {
    add(chunk.toString());
    for (const look of looks) look();
  };
  child.stdout.on(
    "data",
    take((text) => (stdout += text)),
  );
  child.stderr.on(
    "data",
    take((text) => (stderr += text)),
  );
  const ended = once(child, "close").then(([code]) => ({ code: typeof code === "number" ? code : null, stdout, stderr }));
  return {
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(stdout)) return;
          looks.delete(look);
          resolve(stdout);
        };
        looks.add(look);
        look();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern.source} was seen:\n${stdout}\n${stderr}`)));
      }),
    interrupt: () => void child.kill("SIGINT"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
