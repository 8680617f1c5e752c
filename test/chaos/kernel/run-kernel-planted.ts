import { spawn } from "node:child_process";
import { once } from "node:events";

export interface PlantResult<Name extends string> {
  readonly name: Name;
  readonly found: boolean;
  /** Histories that were played until it was found. */
  readonly seeds: number;
  /** Steps of the shortest failing history; 0 when it was missed. */
  readonly steps: number;
  readonly seen: string;
}

export interface PlantedOptions<Name extends string> {
  readonly command: "kernel" | "sync";
  readonly names: readonly Name[];
  /** What the command is called with besides for a bug. Default: nothing. */
  readonly flagsOf?: (name: Name) => readonly string[];
  readonly firstSeed: number;
  readonly seeds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
  readonly onResult: (result: PlantResult<Name>) => void;
}

const longestMs = 15 * 60_000;

/** Runs the very same command once for each bug, one after the other, until its first failure. */
export async function runKernelPlanted<Name extends string>(options: PlantedOptions<Name>): Promise<PlantResult<Name>[]> {
  const results: PlantResult<Name>[] = [];
  const { names } = options;
  for (const name of names) {
    if (options.signal.aborted) break;
    options.onProgress(`${name} (${results.length + 1} of ${names.length})`);
    const result = await runOne(name, options);
    results.push(result);
    options.onResult(result);
  }
  return results;
}

async function runOne<Name extends string>(
  name: Name,
  { command, firstSeed, seeds, signal, flagsOf }: PlantedOptions<Name>,
): Promise<PlantResult<Name>> {
  const path = (file: string): string => new URL(file, import.meta.url).pathname;
  const asked = [
    command,
    "--json",
    "--plant",
    name,
    "--seed",
    String(firstSeed),
    "--seeds",
    String(seeds),
    "--failures",
    "1",
    ...(flagsOf?.(name) ?? []),
  ];
  const child = spawn(process.execPath, ["--import", path("inject.ts"), path("../main.ts"), ...asked], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CHAOS_KERNEL_PLANT: name },
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
    killSignal: "SIGTERM",
  });
  // An interruption is an error of the child; its end follows.
  child.on("error", () => {});
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  const report = readReport(output);
  const { histories = 0, failed = 0, shortestSteps = 0 } = report.figures;
  return {
    name,
    found: child.exitCode === 1 && failed > 0,
    seeds: histories,
    steps: failed > 0 ? shortestSteps : 0,
    seen: report.violations[0] ?? "nothing",
  };
}

function readReport(output: string): { readonly figures: Readonly<Record<string, number>>; readonly violations: readonly string[] } {
  try {
    return JSON.parse(output.trim().split("\n").at(-1) ?? "") as ReturnType<typeof readReport>;
  } catch {
    return { figures: {}, violations: ["the command printed no report"] };
  }
}
