import type { ApiDiscrepancy, ApiReconciliation } from "@belay/sdk/client";
import { readableTime, shortened, tableOf } from "./print.ts";

/** Comparisons of a sync as a table, and what to do with the newest. */
export function describeReconciliations(items: readonly ApiReconciliation[], sync: string, connection: string): string {
  const table = tableOf(
    ["comparison", "state", "began", "kept", "listed", "equal pages", "found", "left"],
    items.map((one) => [
      String(one.id),
      stateOf(one),
      readableTime(one.beganAt),
      String(one.kept ?? ""),
      String(one.compared),
      `${one.windowsEqual} of ${one.windows}`,
      foundOf(one),
      String(one.open),
    ]),
    "It was never compared.",
  );
  const [newest] = items;
  if (newest?.state !== "planned") return table;
  const [name, at] = [`${sync} ${newest.id}`, `--connection ${connection}`];
  return `${table}\n\nLook at it with: belay reconcile show ${name} ${at}\nRepair it with: belay reconcile apply ${name} ${at} --most ${newest.open}`;
}

/** When both sides were last proven equal. */
export function describeProven(provenEqualAt: string | null): string {
  return provenEqualAt === null ? "Never proven equal yet." : `Last proven equal at ${readableTime(provenEqualAt)}.`;
}

function stateOf({ state, code, whyUnproven }: ApiReconciliation): string {
  if (code !== null) return `${state}: ${code}`;
  return whyUnproven === null ? state : `${state}: ${whyUnproven}`;
}

function foundOf({ found }: ApiReconciliation): string {
  const some = Object.entries(found).filter(([, count]) => count > 0);
  return some.length === 0 ? "nothing" : some.map(([name, count]) => `${count} ${name}`).join(", ");
}

/** What a comparison found, the first of it. */
export function describeDiscrepancies(items: readonly ApiDiscrepancy[], most: number): string {
  const table = tableOf(
    ["record", "class", "why", "repair", "state", "fields"],
    items
      .slice(0, most)
      .map((one) => [
        one.externalId,
        one.class,
        one.other === null ? one.why : `${one.why} (${one.other})`,
        one.repair,
        one.whySkipped === null ? one.state : `${one.state}: ${one.whySkipped}`,
        shortened(one.fields.join(", "), 40),
      ]),
    "It found nothing.",
  );
  return items.length > most ? `${table}\n… and ${items.length - most} more: see them with --json` : table;
}
