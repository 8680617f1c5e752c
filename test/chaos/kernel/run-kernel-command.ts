import { spawn } from "node:child_process";
import { once } from "node:events";
import { formatFigures, type parseCommandOptions, printReport, startProgress } from "@belay/testkit";
import { startEmbeddedPostgres } from "../../setup/embedded-postgres.ts";
import { KernelDatabase } from "./kernel-database.ts";
import type { HistoryDatabase } from "./line.ts";
import { isKernelPlant, type KernelPlantName, kernelPlants } from "./plants.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { runKernel } from "./run-kernel.ts";
import { runKernelPlanted } from "./run-kernel-planted.ts";
import { writeFindings } from "./write-findings.ts";

export const kernelOptions = {
  seeds: "number",
  steps: "string",
  lines: "boolean",
  failures: "number",
  races: "boolean",
  plant: "string",
  planted: "boolean",
} as const;

export type KernelCommandOptions = ReturnType<typeof parseCommandOptions<typeof kernelOptions>>;

const quickSeeds = 60;
const defaultSeeds = 1_000;
/** A history of races takes some ten times as long. */
const defaultRaces = 50;
const quickRaces = 5;

/** `npm run chaos -- kernel`: see `../main.ts`. */
export async function kernelCommand(options: KernelCommandOptions, signal: AbortSignal): Promise<number> {
  const plant = options.plant ?? "";
  if (plant !== "" && !isKernelPlant(plant)) {
    console.error(`There is no bug "${plant}" to plant. Known: ${Object.keys(kernelPlants).join(", ")}.`);
    return 1;
  }
  if (options.planted === true) return await planted(options, plant, signal);
  // The sources are changed while they are loaded, which has to begin before they are.
  if (plant !== "" && process.env["CHAOS_KERNEL_PLANT"] !== plant) return await startAgainWith(plant);
  return await kernel(options, plant, signal);
}

async function kernel(options: KernelCommandOptions, plant: string, signal: AbortSignal): Promise<0 | 1> {
  const steps = options.steps?.split(",").map(Number);
  const races = options.races === true;
  const usual = races ? (options.quick ? quickRaces : defaultRaces) : options.quick ? quickSeeds : defaultSeeds;
  const seeds = steps === undefined ? (options.seeds ?? usual) : 1;
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openDatabase(races, stack));
  using progress = startProgress(
    `kernel${races ? " with races" : ""} from seed ${options.seed}${plant === "" ? "" : `, with the bug ${plant}`}`,
  );
  const result = await runKernel({
    database,
    races,
    firstSeed: options.seed,
    seeds,
    steps,
    plant,
    mostFailures: options.failures ?? 3,
    signal,
    onProgress: (status) => progress.update(status),
    onLine: options.lines === true ? (line) => void process.stderr.write(`${line}\n`) : undefined,
  });
  progress.stop();
  for (const { story } of result.failures) process.stderr.write(`\n${story.join("\n")}\n`);
  const { histories, failures, hashMismatches } = result;
  const perHistory = (sum: number): number => Math.round((10 * sum) / Math.max(1, histories)) / 10;
  const figures = {
    histories,
    failed: failures.length,
    eventsPerHistory: perHistory(result.deliveries),
    faultsPerHistory: perHistory(result.faults),
    observedPerHistory: perHistory(result.observed),
    playedTwice: result.playedTwice,
    hashMismatches: hashMismatches.length,
    historiesPerSecond: Math.round((10_000 * (histories + result.playedTwice)) / result.milliseconds) / 10,
    historiesPerCpuSecond: Math.round((10_000 * (histories + result.playedTwice)) / result.cpuMilliseconds) / 10,
    shortestSteps: Math.min(...failures.map((failure) => failure.steps), Number.MAX_SAFE_INTEGER),
  };
  const { shortestSteps, ...always } = figures;
  const violations = [
    ...failures.map(({ seed, kind, text, story }) => `${kind}: seed ${seed}: ${text}. ${story.at(-1) ?? ""}`),
    ...hashMismatches.map((seed) => `hash: seed ${seed} was played twice and was not the same.`),
    ...(histories === seeds || failures.length > 0 ? [] : [`unfinished: only ${histories} of ${seeds} histories were played.`]),
  ];
  return printReport({ figures: failures.length > 0 ? { ...always, shortestSteps } : always, violations }, options);
}

async function openDatabase(races: boolean, stack: AsyncDisposableStack): Promise<HistoryDatabase> {
  if (!races) return await KernelDatabase.open();
  const postgres = stack.use(await startEmbeddedPostgres());
  return await PostgresDatabase.open(postgres.url);
}

async function startAgainWith(plant: string): Promise<number> {
  const inject = new URL("inject.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", inject, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, CHAOS_KERNEL_PLANT: plant },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

async function planted(options: KernelCommandOptions, plant: KernelPlantName | "", signal: AbortSignal): Promise<0 | 1> {
  const names = plant === "" ? (Object.keys(kernelPlants) as KernelPlantName[]) : [plant];
  using progress = startProgress("kernel with planted bugs");
  const results = await runKernelPlanted({
    command: "kernel",
    names,
    firstSeed: options.seed,
    seeds: options.seeds ?? (options.quick ? 200 : defaultSeeds),
    signal,
    onProgress: (status) => progress.update(status),
    onResult: (result) => {
      const { name, found, seeds, steps, seen } = result;
      console.error(`${found ? "found " : "MISSED"}  ${name.padEnd(28)}${String(seeds).padStart(5)} histories, ${steps} steps: ${seen}`);
      // At once: an interruption costs only what was not tried. A quick look is no finding.
      if (!options.quick) writeFindings([result]);
    },
  });
  progress.stop();
  const found = results.filter((result) => result.found);
  const figures = {
    planted: names.length,
    found: found.length,
    mostHistories: Math.max(0, ...found.map(({ seeds }) => seeds)),
    mostSteps: Math.max(0, ...found.map(({ steps }) => steps)),
  };
  if (!options.json) console.error(`\n${formatFigures(figures)}\n`);
  const untried = names.filter((name) => !results.some((result) => result.name === name));
  return printReport(
    {
      figures,
      violations: [
        ...results.filter((result) => !result.found).map(({ name, seeds }) => `The bug ${name} was not found in ${seeds} histories.`),
        ...found.filter(({ steps }) => steps > 10).map(({ name, steps }) => `The history that shows ${name} still has ${steps} steps.`),
        ...untried.map((name) => `The bug ${name} was not tried.`),
      ],
    },
    options,
  );
}
