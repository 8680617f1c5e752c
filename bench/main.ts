/**
 * Benchmarks: `npm run bench -- pipeline`. Options: `--quick`, `--json`. Each starts what it needs, compares within one run, and ends by itself.
 *
 * @module
 */
import { isBelayError } from "@belay/sdk";
import { parseCommandOptions, printReport, type Report } from "@belay/testkit/report";
import { benchBatching } from "./batching/index.ts";
import { benchFairness } from "./fairness/index.ts";
import { benchFlood } from "./flood/index.ts";
import { benchGrowth } from "./growth/index.ts";
import { benchHeldTransaction } from "./held-transaction/index.ts";
import { benchIdentity } from "./identity/index.ts";
import { benchLimits } from "./limits/index.ts";
import { benchMeasures } from "./measures/index.ts";
import { benchNeighbours } from "./neighbours/index.ts";
import { benchPackages } from "./packages/index.ts";
import { benchPairs, pairsOptions, type PairsOptions } from "./pairs/index.ts";
import { benchPipeline } from "./pipeline/index.ts";
import { benchProxy } from "./proxy/index.ts";
import { benchReconcile } from "./reconcile/index.ts";
import { benchRefresh } from "./refresh/index.ts";
import { benchScale } from "./scale/index.ts";
import { benchStory } from "./story/index.ts";
import { benchSync } from "./sync/index.ts";
import { benchTwoWay } from "./two-way/index.ts";

const benches: Readonly<Record<string, (options: PairsOptions, say: (status: string) => void) => Promise<Report>>> = {
  pipeline: benchPipeline,
  pairs: benchPairs,
  "held-transaction": benchHeldTransaction,
  growth: benchGrowth,
  fairness: benchFairness,
  flood: benchFlood,
  scale: benchScale,
  neighbours: benchNeighbours,
  packages: benchPackages,
  reconcile: benchReconcile,
  refresh: benchRefresh,
  story: benchStory,
  sync: benchSync,
  measures: benchMeasures,
  batching: benchBatching,
  limits: benchLimits,
  identity: benchIdentity,
  "two-way": benchTwoWay,
  proxy: benchProxy,
};

try {
  const [name = "", ...args] = process.argv.slice(2);
  const bench = benches[name];
  if (bench === undefined) throw new Error(`There is no benchmark "${name}"; there is ${Object.keys(benches).join(", ")}.`);
  const options = parseCommandOptions(args, name === "pairs" ? pairsOptions : {});
  // Lines, not a display that redraws itself: the figures on the way are worth keeping.
  const report = await bench(options, (status) => process.stderr.write(`${name}: ${status}\n`));
  process.exitCode = printReport(report, options);
} catch (error) {
  process.stderr.write(`${isBelayError(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
