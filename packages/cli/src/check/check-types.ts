import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Finding, Skipped } from "./finding.ts";

const longestMs = 180_000;

/** Runs the project's own TypeScript, if it has one, over its `tsconfig.json`. */
export async function checkTypes(configPath: string): Promise<readonly (Finding | Skipped)[]> {
  const folder = dirname(configPath);
  const compiler = findCompiler(configPath);
  if (compiler === undefined) return [{ check: "types", why: "TypeScript is not installed here: npm install --save-dev typescript." }];
  if (!existsSync(join(folder, "tsconfig.json"))) return [{ check: "types", why: "There is no tsconfig.json beside the configuration." }];
  const output = await run(process.execPath, [compiler, "--noEmit", "--pretty", "false", "-p", "tsconfig.json"], folder);
  if (output === undefined) return [{ check: "types", why: `The compiler did not end within ${longestMs / 1_000} s.` }];
  return readOutput(output);
}

function findCompiler(configPath: string): string | undefined {
  try {
    const manifest = createRequire(configPath).resolve("typescript/package.json");
    return join(dirname(manifest), "bin", "tsc");
  } catch {
    return undefined; // it is not installed
  }
}

function run(command: string, parameters: readonly string[], cwd: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, parameters, { cwd, timeout: longestMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // A compiler that found mistakes ends with a code of its own; only one that was ended has none.
      resolve(error?.killed === true ? undefined : `${stdout}${stderr}`);
    });
  });
}

/** `flows/a.ts(3,14): error TS2339: Property …`, with more lines behind it that explain. */
export function readOutput(output: string): readonly Finding[] {
  const findings: Finding[] = [];
  for (const line of output.split("\n")) {
    const [, file, number, problem] = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(line.trimEnd()) ?? [];
    const [, general] = /^error (TS\d+: .*)$/.exec(line.trimEnd()) ?? [];
    if (file !== undefined && number !== undefined && problem !== undefined)
      findings.push({ check: "types", file, line: Number(number), problem });
    else if (general !== undefined) findings.push({ check: "types", file: "tsconfig.json", line: 1, problem: general });
    else if (/^\s+\S/.test(line)) {
      const last = findings.pop();
      if (last !== undefined) findings.push({ ...last, problem: `${last.problem} ${line.trim()}` });
    }
  }
  return findings;
}
