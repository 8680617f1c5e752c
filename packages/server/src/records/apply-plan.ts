import type { Db } from "../db/index.ts";
import { appendChanges } from "../feed/index.ts";
import { deleteTroubles, insertRecords, touchRecords, updateRecords, upsertTroubles } from "./store.ts";
import type { RecordRow } from "./store.ts";
import type { AppliedCounts, PagePlan } from "./types.ts";

/**
 * Writes what a plan says: the changes into the feed, then the records, which lie behind them in the order of locks. The caller rolls back when it is not applied: somebody
 * else has changed a record since the plan was made, and the page has to be planned anew.
 *
 * @param hasTroubles There may be troubles that this page ends.
 * @returns what became of the page, or `undefined` when it was not applied.
 */
export async function applyPlan(tx: Db, plan: PagePlan, hasTroubles: boolean): Promise<AppliedCounts | undefined> {
  const { origin, changed, touched, troubles, counts, ids, retried } = plan;
  const { tenant, connection, sync, model } = origin;
  const positions = await appendChanges(
    tx,
    tenant,
    changed.map(({ id, kind, previous, contents }) => ({
      model,
      record: id,
      kind,
      connection,
      sync,
      ...(previous !== null && { previous }),
      ...(contents && { contents }),
    })),
  );
  const rows = changed.map(({ contents: _contents, kind: _kind, ...change }, index): RecordRow => {
    return { ...change, position: positions[index] ?? 0 };
  });
  const [added, replaced] = [rows.filter(({ previous }) => previous === null), rows.filter(({ previous }) => previous !== null)];
  if (added.length > 0 && (await insertRecords(tx, origin, added)) < added.length) return undefined;
  if (replaced.length > 0 && (await updateRecords(tx, origin, replaced)) < replaced.length) return undefined;
  if (touched.length > 0) await touchRecords(tx, origin, touched);
  const isTroubled = new Set(troubles.map(({ externalId }) => externalId));
  const taken = hasTroubles ? [...ids, ...retried].filter((id) => !isTroubled.has(id)) : [];
  const ended = taken.length === 0 ? 0 : await deleteTroubles(tx, origin, taken);
  const begun = troubles.length === 0 ? 0 : await upsertTroubles(tx, origin, troubles);
  return { ...counts, troubles: begun - ended };
}
