import { spawn } from "node:child_process";
import { type PlantName, plants } from "./plants.ts";

export interface Planted {
  readonly name: PlantName;
  /** The command ended with exit code 1 and named what it saw. */
  readonly caught: boolean;
  readonly seconds: number;
  /** The first of its violations. */
  readonly seen: string;
}

export interface PlantedOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
  readonly onResult: (result: Planted) => void;
}

const longestMs = 6 * 60_000;

/** Runs the very same command once for each bug, one after the other. */
export async function runPlanted(options: PlantedOptions): Promise<Planted[]> {
  const { seed, signal, onProgress, onResult } = options;
  const results: Planted[] = [];
  for (const name of Object.keys(plants) as PlantName[]) {
    if (signal.aborted) break;
    onProgress(`${name} (${results.length + 1} of ${Object.keys(plants).length})`);
    const result = await runOne(name, seed, signal);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runOne(name: PlantName, seed: number, signal: AbortSignal): Promise<Planted> {
  const startedAt = Date.now();
  const main = new URL("../main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "crash", "--quick", "--json", "--plant", name, "--seed", String(seed)], {
    stdio: ["ignore", "pipe", "ignore"],
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
    // Lets it take its own processes down.
    killSignal: "SIGTERM",
  });
  // An interruption is an error of the child; its end follows.
  child.on("error", () => {});
  const closed = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await closed;
  const violations = readViolations(output);
  // A run that breaks off has shown nothing, and neither has one that was only slow.
  const relevant = violations.filter((text) => /^(lost|doubled|out of order|stale|unexpected|stranded):/.test(text));
  return {
    name,
    caught: child.exitCode === 1 && relevant.length > 0,
    seconds: (Date.now() - startedAt) / 1_000,
    seen: relevant[0] ?? violations[0] ?? "nothing",
  };
}

function readViolations(output: string): string[] {
  try {
    const report = JSON.parse(output.trim().split("\n").at(-1) ?? "") as { violations: string[] };
    return report.violations;
  } catch {
    return ["the command printed no report"];
  }
}
