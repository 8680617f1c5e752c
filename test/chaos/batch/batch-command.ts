import { type CommandOptions, printReport, startProgress } from "@belay/testkit";
import { runBatch } from "./run-batch.ts";

/** `npm run chaos -- batch`: a batch through kills. */
export async function batchCommand(options: CommandOptions, signal: AbortSignal): Promise<0 | 1> {
  const { seed, quick, keep } = options;
  using progress = startProgress(`batch, seed ${seed}`);
  const report = await runBatch({
    seed,
    items: quick ? 5_000 : 100_000,
    kills: 3,
    keep,
    signal,
    onProgress: (status) => progress.update(status),
  });
  progress.stop();
  if (report.keptAt !== undefined) console.error(`The logs are kept in ${report.keptAt}`);
  return printReport(report, options);
}
