import { spawn } from "node:child_process";
import { once } from "node:events";
import { formatFigures, type parseCommandOptions, printReport, startProgress } from "@belay/testkit";
import { runKernelPlanted } from "../kernel/run-kernel-planted.ts";
import { isTwoWayPlant, type TwoWayPlantName, twoWayPlants } from "../two-way/plants.ts";
import { isSyncPlant, type SyncPlantName, syncPlants } from "./plants.ts";
import { describeSyncHistory } from "./describe-history.ts";
import { drawSyncHistory } from "./draw-history.ts";
import { playSyncHistory } from "./play-history.ts";
import { type HistoryKind, runSyncs, type SyncFailure, type SyncRunOptions, type SyncRunResult } from "./run-syncs.ts";
import type { SyncHistory } from "./steps.ts";
import { describeTwoWayHistory } from "../two-way/describe-two-way.ts";
import { drawTwoWayHistory } from "../two-way/draw-two-way.ts";
import { playTwoWayHistory } from "../two-way/play-two-way.ts";
import type { TwoWayHistory } from "../two-way/steps.ts";
import { openSyncDatabase } from "./sync-tables.ts";

export const syncOptions = {
  seeds: "number",
  steps: "string",
  lines: "boolean",
  failures: "number",
  plant: "string",
  planted: "boolean",
  "two-way": "boolean",
} as const;

export type SyncCommandOptions = ReturnType<typeof parseCommandOptions<typeof syncOptions>>;

const oneWay: HistoryKind<SyncHistory> = { flag: "", draw: drawSyncHistory, play: playSyncHistory, describe: describeSyncHistory };
const twoWay: HistoryKind<TwoWayHistory> = {
  flag: " --two-way",
  draw: drawTwoWayHistory,
  play: playTwoWayHistory,
  describe: describeTwoWayHistory,
};

const quickSeeds = 30;
const defaultSeeds = 500;

/** `npm run chaos -- sync`: see `../main.ts`. */
export async function syncCommand(options: SyncCommandOptions, signal: AbortSignal): Promise<number> {
  const plant = options.plant ?? "";
  if (plant !== "" && !isSyncPlant(plant) && !isTwoWayPlant(plant)) {
    console.error(`There is no bug "${plant}" to plant. Known: ${Object.keys({ ...syncPlants, ...twoWayPlants }).join(", ")}.`);
    return 1;
  }
  if (options.planted === true) return await planted(options, plant, signal);
  // The sources are changed while they are loaded, which has to begin before they are.
  if (plant !== "" && process.env["CHAOS_KERNEL_PLANT"] !== plant) return await startAgainWith(plant);
  return await play(options, plant, signal);
}

async function play(options: SyncCommandOptions, plant: string, signal: AbortSignal): Promise<0 | 1> {
  const steps = options.steps?.split(",").filter(Boolean).map(Number);
  const seeds = steps === undefined ? (options.seeds ?? (options.quick ? quickSeeds : defaultSeeds)) : 1;
  await using database = await openSyncDatabase();
  using progress = startProgress(`syncs from seed ${options.seed}${plant === "" ? "" : `, with the bug ${plant}`}`);
  const run = (asked: SyncRunOptions): Promise<SyncRunResult> =>
    options["two-way"] === true || isTwoWayPlant(plant) ? runSyncs(twoWay, asked) : runSyncs(oneWay, asked);
  const result = await run({
    database,
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
  const { histories, failures, hashMismatches } = result;
  for (const { story } of failures) process.stderr.write(`\n${story.join("\n")}\n`);
  const perHistory = (sum: number): number => Math.round((10 * sum) / Math.max(1, histories)) / 10;
  const figures = {
    seeds: histories,
    failures: failures.length,
    falseDeletes: ofKind(failures, "false-delete"),
    duplicates: ofKind(failures, "doubled"),
    missing: ofKind(failures, "missing"),
    editsPerHistory: perHistory(result.edits),
    walksPerHistory: perHistory(result.walks),
    faultsPerHistory: perHistory(result.faults),
    provenShare: Math.round((100 * result.proven) / Math.max(1, histories)) / 100,
    playedTwice: result.playedTwice,
    hashMismatches: hashMismatches.length,
    historiesPerCpuSecond: Math.round((10_000 * (histories + result.playedTwice)) / result.cpuMilliseconds) / 10,
    // What the reader of planted bugs asks for.
    histories,
    failed: failures.length,
    ...(failures.length > 0 && { shortestSteps: Math.min(...failures.map((failure) => failure.steps)) }),
  };
  const violations = [
    ...failures.map(({ seed, kind, text, story }) => `${kind}: seed ${seed}: ${text}. ${story.at(-1) ?? ""}`),
    ...hashMismatches.map((seed) => `hash: seed ${seed} was played twice and was not the same.`),
    ...(histories === seeds || failures.length > 0 ? [] : [`unfinished: only ${histories} of ${seeds} histories were played.`]),
  ];
  return printReport({ figures, violations }, options);
}

function ofKind(failures: readonly SyncFailure[], kind: string): number {
  return failures.filter((failure) => failure.kind === kind).length;
}

async function startAgainWith(plant: string): Promise<number> {
  const inject = new URL("../kernel/inject.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", inject, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, CHAOS_KERNEL_PLANT: plant },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

type PlantName = SyncPlantName | TwoWayPlantName;

async function planted(options: SyncCommandOptions, plant: PlantName | "", signal: AbortSignal): Promise<0 | 1> {
  const all = options["two-way"] === true ? twoWayPlants : { ...syncPlants, ...twoWayPlants };
  const names = plant === "" ? (Object.keys(all) as PlantName[]) : [plant];
  using progress = startProgress("syncs with planted bugs");
  const results = await runKernelPlanted({
    command: "sync",
    names,
    flagsOf: (name) => (isTwoWayPlant(name) ? ["--two-way"] : []),
    firstSeed: options.seed,
    seeds: options.seeds ?? defaultSeeds,
    signal,
    onProgress: (status) => progress.update(status),
    onResult: ({ name, found, seeds, steps, seen }) => {
      console.error(`${found ? "found " : "MISSED"}  ${name.padEnd(24)}${String(seeds).padStart(5)} histories, ${steps} steps: ${seen}`);
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
  const violations = [
    ...results.filter((result) => !result.found).map(({ name, seeds }) => `The bug ${name} was not found in ${seeds} histories.`),
    ...untried.map((name) => `The bug ${name} was not tried.`),
  ];
  return printReport({ figures, violations }, options);
}
