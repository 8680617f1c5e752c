import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { directoryVariable } from "./watch-secrets.ts";

export interface Watched {
  /** Names the files of its output. */
  readonly name: string;
  /** What Node runs. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const preload = new URL("preload.ts", import.meta.url).href;
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs something with its secrets watched, its output and its temporary files kept below `directory`. @returns its exit code; `null` when it had to be ended. */
export async function runWatched(directory: string, { name, args, environment }: Watched, longestMs: number): Promise<number | null> {
  const temporary = join(directory, "tmp");
  // PostgreSQL runs as another user there.
  mkdirSync(temporary, { recursive: true, mode: 0o777 });
  const [output, errors] = ["out", "err"].map((end) => openSync(join(directory, "said", `${name}.${end}`), "a"));
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", output, errors],
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import ${preload}`.trim(),
      TMPDIR: temporary,
      [directoryVariable]: directory,
      ...environment,
    },
  });
  const tooLong = setTimeout(() => child.kill("SIGTERM"), longestMs);
  await once(child, "exit");
  clearTimeout(tooLong);
  return child.exitCode;
}
