/**
 * The demo: `npm run demo`. Real webhooks become tickets and contacts in two target systems that fail in every way they can, and
 * the result is checked at the targets. Options: `--quick`, `--json`, `--seed N`, `--keep`.
 *
 * @module
 */
import { once } from "node:events";
import { isBelayError } from "@belay/sdk";
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit";
import { describeProgress, printReasons, printSights, reportOf } from "./present.ts";
import { runDemo } from "./run-demo.ts";

async function main(): Promise<0 | 1> {
  const options = parseCommandOptions(process.argv.slice(2));
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  process.once("SIGTERM", () => interrupted.abort());

  using progress = startProgress(`demo, seed ${options.seed}`);
  progress.update("starting Belay and its targets");
  await using run = await runDemo({
    seed: options.seed,
    scale: options.quick ? 0.1 : 1,
    signal: interrupted.signal,
    onProgress: (state) => progress.update(describeProgress(state)),
  });
  progress.stop();

  if (!options.json) printReasons(run.judgement, process.stdout);
  const exitCode = printReport(reportOf(run.judgement), options);
  if (options.keep) {
    printSights(run, process.stderr);
    if (!interrupted.signal.aborted) await once(interrupted.signal, "abort");
  }
  return exitCode;
}

try {
  process.exitCode = await main();
} catch (error) {
  const interrupted = error instanceof Error && error.name === "AbortError";
  if (interrupted) process.stderr.write("Interrupted.\n");
  else if (isBelayError(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
  else console.error(error);
  process.exitCode = interrupted ? 130 : 1;
}
