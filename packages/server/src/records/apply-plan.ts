import type { Db } from "../db/index.ts";
import { appendChanges, lockFeed } from "../feed/index.ts";
import { deleteTroubles, insertRecords, touchRecords, updateRecords, upsertTroubles } from "./store.ts";
import type { NewRecordRow, RecordRow } from "./store.ts";
import { type GoingRow, insertDeleted } from "./undo-store.ts";
import type { AppliedCounts, PagePlan, PlannedRecord, RecordOrigin } from "./types.ts";

/**
 * Writes what a plan says: the changes into the feed, then the records, which lie behind them in the order of locks. The caller rolls back when it is not applied: somebody
 * else has changed a record since the plan was made, and the page has to be planned anew.
 *
 * @param hasTroubles There may be troubles that this page ends.
 * @returns what became of the page, or `undefined` when it was not applied.
 */
export async function applyPlan(tx: Db, plan: PagePlan, hasTroubles: boolean): Promise<AppliedCounts | undefined> {
  const { origin, changed, touched, troubles, counts, ids, retried, identified } = plan;
  // From here on nobody else adds records of the tenant: what two pages find out about the same thing at once, one of them finds out again.
  if (identified !== undefined && !(await identified.confirm(tx, await lockFeed(tx, origin.tenant)))) return undefined;
  const added = changed.filter(({ previous }) => previous === null);
  const replaced = changed.filter(({ previous }) => previous !== null);
  if (added.length > 0 && (await add(tx, origin, added)) < added.length) return undefined;
  if (replaced.length > 0 && (await replace(tx, origin, replaced)) < replaced.length) return undefined;
  if (touched.length > 0) await touchRecords(tx, origin, touched);
  await identified?.keep(tx);
  const isTroubled = new Set(troubles.map(({ externalId }) => externalId));
  const taken = hasTroubles ? [...ids, ...retried].filter((id) => !isTroubled.has(id)) : [];
  const ended = taken.length === 0 ? 0 : await deleteTroubles(tx, origin, taken);
  const begun = troubles.length === 0 ? 0 : await upsertTroubles(tx, origin, troubles);
  return { ...counts, troubles: begun - ended };
}

async function add(tx: Db, origin: RecordOrigin, added: readonly PlannedRecord[]): Promise<number> {
  const parts: Uint8Array[] = [];
  let start = 0;
  const rows = added.map(({ externalId, id, hash, version, keys, contents = nothing }): NewRecordRow => {
    const row = { externalId, record: id, hash, version, keys, start, length: contents.byteLength };
    parts.push(contents);
    start += contents.byteLength;
    return row;
  });
  return await insertRecords(tx, origin, rows, Buffer.concat(parts, start));
}

/** What is new is mapped, and so has contents. */
const nothing = new Uint8Array();

const toGoing =
  (positions: readonly number[]) =>
  ({ kind, externalId, previous }: PlannedRecord, index: number): GoingRow[] =>
    kind === "deleted" && previous !== null ? [{ externalId, previous, position: positions[index] ?? 0 }] : [];

async function replace(tx: Db, origin: RecordOrigin, replaced: readonly PlannedRecord[]): Promise<number> {
  const { tenant, connection, sync, model } = origin;
  const positions = await appendChanges(
    tx,
    tenant,
    replaced.map(({ id, kind, previous, contents }) => ({
      model,
      record: id,
      kind,
      connection,
      sync,
      ...(previous !== null && { previous }),
      ...(contents && { contents }),
    })),
  );
  // Without a walk there is nothing by which somebody would ask for it back.
  const going = origin.walk === 0 ? [] : replaced.flatMap(toGoing(positions));
  if (going.length > 0) await insertDeleted(tx, origin, going);
  const rows = replaced.map(({ externalId, hash, version, previous, previousVersion, keys }, index): RecordRow => {
    return { externalId, hash, version, previous, previousVersion, keys, position: positions[index] ?? 0 };
  });
  return await updateRecords(tx, origin, rows);
}
