import { type CommandOptions, printReport, startProgress } from "@belay/testkit";
import { type BatchReport, runBatch } from "./run-batch.ts";

/** `npm run chaos -- batch`: a batch through kills, once of a set that a function reads, once of a provider's listing. */
export async function batchCommand(options: CommandOptions, signal: AbortSignal): Promise<0 | 1> {
  const { seed, quick, keep } = options;
  using progress = startProgress(`batch, seed ${seed}`);
  const reports: BatchReport[] = [];
  for (const [batch, items] of [
    ["numbers", quick ? 5_000 : 100_000],
    ["listed", quick ? 3_000 : 20_000],
  ] as const) {
    const onProgress = (status: string): void => progress.update(`${batch}: ${status}`);
    const report = await runBatch({ seed, batch, items, kills: 3, keep, signal, onProgress });
    if (report.keptAt !== undefined) console.error(`The logs are kept in ${report.keptAt}`);
    reports.push(report);
  }
  progress.stop();
  const [numbers, listed] = reports;
  const figures = { ...numbers?.figures, ...named("listed", listed?.figures ?? {}) };
  const violations = [...(numbers?.violations ?? []), ...(listed?.violations ?? []).map((text) => `Of a listing: ${text}`)];
  return printReport({ figures, violations }, options);
}

function named(prefix: string, figures: BatchReport["figures"]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
}
