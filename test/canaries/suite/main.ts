/**
 * Secrets over the whole suite: `npm run canaries`. Runs all tests and the demo with every value written down that a `Secret` ever held, and every long random one; then
 * looks for them, in whatever encoding, in all that was said and stored: outputs, what went to collector and error tracker, temporary files, the databases as text and their raw
 * files. Options: `--json`, `--keep` (leaves what was searched in place); `--quick` runs the tests of those slices only that handle secrets.
 *
 * @module
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit/report";
import { runWatched } from "./run-watched.ts";
import { type Leak, search } from "./search.ts";
import { startSink } from "./sink.ts";

const longestSuiteMs = 1_200_000;
const longestDemoMs = 120_000;
const quickTests = ["vault", "credentials", "oauth", "access", "proxy", "connections", "connect", "api", "telemetry"].map(
  (slice) => `packages/server/src/${slice}/`,
);

const options = parseCommandOptions(process.argv.slice(2));
const startedAt = Date.now();
const directory = mkdtempSync(join(tmpdir(), "belay-canaries-"));
chmodSync(directory, 0o755);
mkdirSync(join(directory, "said"));
using progress = startProgress("canaries");
const violations: string[] = [];

progress.update("the tests run");
const suite = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--config",
  "test/canaries/suite/vitest.config.ts",
  ...(options.quick ? quickTests : []),
];
const suiteCode = await runWatched(directory, { name: "suite", args: suite }, longestSuiteMs);
if (suiteCode === null) violations.push(`The tests did not end within ${longestSuiteMs / 1_000} s: not everything was looked at.`);

progress.update("the demo runs");
{
  await using sink = await startSink(join(directory, "said", "sink.bin"));
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER: "always_on",
    SENTRY_DSN: `${sink.url.replace("http://", "http://public@")}/42`,
  };
  const demo = ["examples/demo/main.ts", "--quick", "--json"];
  if ((await runWatched(directory, { name: "demo", args: demo, environment }, longestDemoMs)) !== 0) violations.push("The demo failed.");
}

progress.update("searching");
const { values, files, bytes, leaks, onPurpose } = search(directory);
progress.stop();
if (values === 0) violations.push("No secret was seen: nothing was looked for.");
violations.push(...leaks.map(tell));
if (options.keep) process.stderr.write(`What was searched is in ${directory}.\n`);
else rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
const figures = {
  values,
  files,
  searchedMb: Math.round(bytes / 1_000_000),
  leaks: leaks.length,
  onPurpose,
  // Tests that fail are for `npm test` to tell; here it only says that not all of them went their whole way.
  suiteFailed: suiteCode === 0 ? 0 : 1,
  seconds: Math.round((Date.now() - startedAt) / 1_000),
};
process.exitCode = printReport({ figures, violations }, options);

function tell({ file, form, value, around }: Leak): string {
  return `${value.slice(0, 60)} (${form}) in ${file}: …${around}…`;
}
