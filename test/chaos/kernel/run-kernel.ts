import { describeHistory } from "./describe-history.ts";
import { drawHistory, drawRaces } from "./draw-history.ts";
import type { HistoryDatabase } from "./line.ts";
import { type Played, playHistory } from "./play-history.ts";
import { shrinkHistory } from "./shrink-history.ts";
import { type History, keepSteps } from "./steps.ts";

/** A history that broke a promise, as short as it could be made. */
export interface Failure {
  readonly seed: number;
  readonly kind: string;
  /** What was expected and what was seen, in words. */
  readonly text: string;
  readonly steps: number;
  readonly stepsBefore: number;
  /** The steps in words, the outcome and the command that plays it again. */
  readonly story: readonly string[];
}

export interface KernelOptions {
  readonly database: HistoryDatabase;
  /** Histories in which processes meet, for a database with several lines. */
  readonly races: boolean;
  readonly firstSeed: number;
  readonly seeds: number;
  /** Only these steps of the history. */
  readonly steps: readonly number[] | undefined;
  /** Goes into the replay command. */
  readonly plant: string;
  /** Stops after so many failures: each is made short, which takes as long as some hundred histories. */
  readonly mostFailures: number;
  readonly signal: AbortSignal;
  readonly onProgress: (status: string) => void;
  /** Shows each event as it was observed. */
  readonly onLine: ((line: string) => void) | undefined;
}

export interface KernelResult {
  readonly histories: number;
  readonly deliveries: number;
  readonly faults: number;
  readonly observed: number;
  /** Histories that were played twice, and those of them that were not the same. */
  readonly playedTwice: number;
  readonly hashMismatches: readonly number[];
  readonly failures: readonly Failure[];
  /** Over the hashes of all histories. */
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/** One in so many histories is played twice and compared. */
const twiceEvery = 16;

/** Plays one history after the other, and makes those that fail short. */
export async function runKernel(options: KernelOptions): Promise<KernelResult> {
  const { database } = options;
  const failures: Failure[] = [];
  const hashMismatches: number[] = [];
  const sums = { histories: 0, deliveries: 0, faults: 0, observed: 0, playedTwice: 0 };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let seed = options.firstSeed; seed < options.firstSeed + options.seeds; seed += 1) {
    if (options.signal.aborted || failures.length >= options.mostFailures) break;
    const drawn = options.races ? drawRaces(seed) : drawHistory(seed);
    const history = options.steps === undefined ? drawn : keepSteps(drawn, options.steps);
    const played = await playHistory(database, history, options.onLine !== undefined);
    played.lines.forEach((line) => options.onLine?.(line));
    sums.histories += 1;
    sums.deliveries += played.deliveries;
    sums.faults += played.faults;
    sums.observed += played.observed;
    if (sums.histories % twiceEvery === 1) {
      sums.playedTwice += 1;
      if ((await playHistory(database, history)).digest !== played.digest) hashMismatches.push(seed);
    }
    if (played.broken.length > 0) failures.push(await explain(database, history, played, options));
    options.onProgress(`${sums.histories} of ${options.seeds} histories, ${failures.length} failed`);
  }
  const cpu = process.cpuUsage(cpuBefore);
  return {
    ...sums,
    hashMismatches,
    failures,
    milliseconds: performance.now() - startedAt,
    cpuMilliseconds: (cpu.user + cpu.system) / 1_000,
  };
}

async function explain(database: HistoryDatabase, history: History, played: Played, options: KernelOptions): Promise<Failure> {
  const kind = played.broken[0]?.kind ?? "";
  const failsAlike = async (shorter: History): Promise<boolean> => {
    if (options.signal.aborted) return false;
    return (await playHistory(database, shorter)).broken.some((broken) => broken.kind === kind);
  };
  const shortest = await shrinkHistory(history, failsAlike);
  // The short one says it in its own words: what else had gone wrong is gone.
  const again = await playHistory(database, shortest);
  const told = again.broken.find((broken) => broken.kind === kind) ?? played.broken[0];
  const text = told?.text ?? "";
  const when = again.after === undefined ? "when there was nothing left to do" : `after step ${again.after}`;
  const plant = options.plant === "" ? "" : ` --plant ${options.plant}`;
  const numbers = shortest.steps.map(({ number }) => number).join(",");
  return {
    seed: history.seed,
    kind,
    text,
    steps: shortest.steps.length,
    stepsBefore: history.steps.length,
    story: [
      `Seed ${history.seed} breaks a promise; ${shortest.steps.length} of its ${history.steps.length} steps are enough:`,
      ...describeHistory(shortest).map((line) => `  ${line}`),
      `${kind}, seen ${when}: ${text}.`,
      `Play it again: npm run chaos -- kernel --seed ${history.seed} --steps ${numbers}${options.races ? " --races" : ""}${plant} --lines`,
    ],
  };
}
