import type { Db } from "../db/index.ts";
import { findComparable, moveLink, type RecordOrigin, relinkRecord } from "../records/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { Settled } from "./discrepancy-store.ts";
import { type RepairPlan, toSettled } from "./repair-records.ts";
import type { DiscrepancyRow } from "./types.ts";

type Relink = (tx: Db) => Promise<boolean>;

/** Gives records the canonical ids that are theirs: the one that the feed told of them by, or a new one. */
export async function planRelinks(
  parts: { readonly db: Db; readonly cipher: Cipher; readonly clock: Clock },
  origin: RecordOrigin,
  rows: readonly DiscrepancyRow[],
): Promise<RepairPlan> {
  const kept = await findComparable(
    parts.db,
    origin,
    rows.map(({ externalId }) => externalId),
  );
  const settled: Settled[] = [];
  const relinks: Relink[] = [];
  for (const row of rows) {
    const one = kept.get(row.externalId);
    if (one === undefined || one.id !== row.record || one.position !== row.position) {
      settled.push(toSettled(row, "changed-since"));
      continue;
    }
    const { other } = row;
    const relink: Relink | undefined = other === null ? await relinkRecord(parts, origin, one) : (tx) => moveLink(tx, origin, one, other);
    settled.push(toSettled(row, relink === undefined ? "unreadable" : undefined));
    if (relink !== undefined) relinks.push(relink);
  }
  return {
    settled,
    mayDelete: () => Promise.resolve(false),
    apply: async (tx) => {
      for (const relink of relinks) if (!(await relink(tx))) return undefined;
      return 0;
    },
  };
}
