import type { HistoryDatabase } from "../kernel/line.ts";
import { shrinkHistory } from "../kernel/shrink-history.ts";
import { keepSteps } from "../kernel/steps.ts";
import type { PlayedSync } from "./stage.ts";

/** Histories of one kind: how they are drawn, played and told. */
export interface HistoryKind<History extends { readonly seed: number; readonly steps: readonly { readonly number: number }[] }> {
  /** What the command is called with besides. */
  readonly flag: string;
  draw(seed: number): History;
  play(database: HistoryDatabase, history: History, keepLines?: boolean): Promise<PlayedSync>;
  describe(history: History): string[];
}

/** A history that broke a promise, as short as it could be made. */
export interface SyncFailure {
  readonly seed: number;
  readonly kind: string;
  /** What was expected and what was seen, in words. */
  readonly text: string;
  readonly steps: number;
  /** The steps in words, the outcome and the command that plays it again. */
  readonly story: readonly string[];
}

export interface SyncRunOptions {
  readonly database: HistoryDatabase;
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

export interface SyncRunResult {
  readonly histories: number;
  readonly edits: number;
  readonly faults: number;
  readonly walks: number;
  /** Histories whose last walk proved that it saw everything. */
  readonly proven: number;
  /** Histories that were played twice, and those of them that were not the same. */
  readonly playedTwice: number;
  readonly hashMismatches: readonly number[];
  readonly failures: readonly SyncFailure[];
  readonly cpuMilliseconds: number;
}

/** So often is a history played to make it short that a planted bug has broken: what is wrong is known. */
const mostPlaysPlanted = 60;
/** One in so many histories is played twice and compared. */
const twiceEvery = 16;

/** Plays one history after the other, and makes those that fail short. */
export async function runSyncs<History extends { readonly seed: number; readonly steps: readonly { readonly number: number }[] }>(
  kind: HistoryKind<History>,
  options: SyncRunOptions,
): Promise<SyncRunResult> {
  const { database } = options;
  const failures: SyncFailure[] = [];
  const hashMismatches: number[] = [];
  const sums = { histories: 0, edits: 0, faults: 0, walks: 0, proven: 0, playedTwice: 0 };
  const cpuBefore = process.cpuUsage();
  for (let seed = options.firstSeed; seed < options.firstSeed + options.seeds; seed += 1) {
    if (options.signal.aborted || failures.length >= options.mostFailures) break;
    const drawn = kind.draw(seed);
    const history = options.steps === undefined ? drawn : keepSteps(drawn, options.steps);
    const played = await kind.play(database, history, options.onLine !== undefined);
    played.lines.forEach((line) => options.onLine?.(line));
    sums.histories += 1;
    sums.edits += played.edits;
    sums.faults += played.faults;
    sums.walks += played.walks;
    sums.proven += Number(played.proven);
    if (sums.histories % twiceEvery === 1) {
      sums.playedTwice += 1;
      if ((await kind.play(database, history)).digest !== played.digest) hashMismatches.push(seed);
    }
    if (played.broken.length > 0) failures.push(await explain(kind, history, played, options));
    options.onProgress(`${sums.histories} of ${options.seeds} histories, ${failures.length} failed`);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ...sums, hashMismatches, failures, cpuMilliseconds: (user + system) / 1_000 };
}

async function explain<History extends { readonly seed: number; readonly steps: readonly { readonly number: number }[] }>(
  { flag, play, describe }: HistoryKind<History>,
  history: History,
  played: PlayedSync,
  { database, signal, plant }: SyncRunOptions,
): Promise<SyncFailure> {
  const kind = played.broken[0]?.kind ?? "";
  const failsAlike = async (shorter: History): Promise<boolean> => {
    if (signal.aborted) return false;
    return (await play(database, shorter)).broken.some((broken) => broken.kind === kind);
  };
  const shortest = await shrinkHistory(history, failsAlike, plant === "" ? undefined : mostPlaysPlanted);
  // The short one says it in its own words: what else had gone wrong is gone.
  const again = await play(database, shortest);
  const told = again.broken.find((broken) => broken.kind === kind) ?? played.broken[0];
  const text = told?.text ?? "";
  const when = again.after === undefined ? "when everything had calmed down" : `after step ${again.after}`;
  const numbers = shortest.steps.map(({ number }) => number).join(",");
  return {
    seed: history.seed,
    kind,
    text,
    steps: shortest.steps.length,
    story: [
      `Seed ${history.seed} breaks a promise; ${shortest.steps.length} of its ${history.steps.length} steps are enough:`,
      ...describe(shortest).map((line) => `  ${line}`),
      `${kind}, seen ${when}: ${text}.`,
      `Play it again: npm run chaos -- sync${flag} --seed ${history.seed} --steps ${numbers}${plant === "" ? "" : ` --plant ${plant}`} --lines`,
    ],
  };
}
