import type { CommandOptions, Report } from "@belay/testkit/report";
import { startBenchPostgres } from "../support/database.ts";
import { startPart } from "../support/part.ts";
import { drawWays, fingerprintOf, plant } from "./plant.ts";
import type { Compared } from "./questions.ts";

/**
 * Whether reconciliation finds all that is wrong: records at a provider are synced, spoilt in every way that a class stands for, compared, repaired, and compared again. The
 * comparison may change nothing but its own notes, has to find each spoilt record and name it by its class, and nothing else; what is repaired has to be proven equal.
 */
export async function benchReconcile(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const [records, each] = options.quick ? [5_000, 20] : [100_000, 100];
  await using postgres = await startBenchPostgres();
  await using provider = await startPart<{ url: string }>(new URL("./provider.ts", import.meta.url));
  await provider.ask({ records });
  const url = await postgres.create("reconcile");
  await using belay = await startPart<object>(new URL("./belay.ts", import.meta.url), [provider.ready.url, url]);
  const violations: string[] = [];
  await belay.ask({ ask: "walk" });
  const ways = drawWays(records, each);
  // Contents can be damaged by an older version where there is one.
  await provider.ask({ changed: ways["damaged"] });
  await belay.ask({ ask: "walk" });
  say(`${records} records are kept.`);
  const planted = await plant(postgres, url, ways);
  await provider.ask({ changed: ways["changed"], deleted: ways["deleted"] });
  const before = await fingerprintOf(postgres, url);
  const startedAt = performance.now();
  const plan = await belay.ask<Compared>({ ask: "compare" });
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await fingerprintOf(postgres, url);
  const named = new Map(plan.discrepancies);
  const found = [...planted.keys()].filter((id) => named.has(id)).length;
  const misnamed = [...planted].filter(([id, of]) => named.has(id) && named.get(id) !== of).length;
  const madeUp = plan.discrepancies.filter(([id]) => !planted.has(id)).length;
  const dryRunChanges = before.filter((sum, index) => sum !== after[index]).length;
  say(`compared in ${seconds.toFixed(1)} s: ${found} of ${planted.size} found, ${misnamed} misnamed, ${madeUp} made up.`);
  const { applied } = await belay.ask<{ applied: number }>({ ask: "repair", id: plan.id });
  const again = await belay.ask<Compared>({ ask: "compare" });
  const left = new Set(again.discrepancies.map(([id]) => id));
  const repaired = [...planted.keys()].filter((id) => named.has(id) && !left.has(id)).length;
  const figures = {
    records,
    planted: planted.size,
    found,
    misnamed,
    madeUp,
    repaired,
    dryRunChanges,
    seconds: Math.round(seconds * 10) / 10,
    windows: plan.windows,
    windowsEqual: plan.windowsEqual,
  };
  if (planted.size !== 10 * each) violations.push(`${planted.size} were spoilt instead of ${10 * each}.`);
  if (found < planted.size) violations.push(`${planted.size - found} were not found.`);
  if (misnamed > 0) violations.push(`${misnamed} were named by a wrong class.`);
  if (madeUp > 0) violations.push(`${madeUp} were found that nobody had spoilt.`);
  if (dryRunChanges > 0) violations.push(`The dry run changed ${dryRunChanges} tables.`);
  if (repaired < planted.size || applied < planted.size) violations.push(`${planted.size - repaired} were not repaired.`);
  if (again.state !== "equal") violations.push(`After the repair the two sides are "${again.state}", not equal.`);
  return { figures, violations };
}
