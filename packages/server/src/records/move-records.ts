import type { Db } from "../db/index.ts";
import { appendChanges, changePurpose, readChangesAt } from "../feed/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { type RecordKeyRow, readRows } from "./read-store.ts";
import { moveRows } from "./store.ts";

/** Names a record of a connection. */
export type RecordName = Pick<RecordKeyRow, "connection" | "resource" | "externalId">;

/** Records that get another canonical id, with their contents sealed for it. */
export interface MovePlan {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly model: string;
  readonly rows: readonly (RecordKeyRow & { readonly contents: Uint8Array | undefined })[];
  /** For those who know the old id: what it is now. Sealed. */
  readonly told: Uint8Array;
}

/**
 * Works out what it changes that records of one canonical id get another: their contents are sealed anew, because they open only in the record that they are of. Reads, and writes
 * nothing: not in a transaction.
 *
 * @param only Those that are moved. Default: all.
 * @returns undefined: there is nothing to move.
 * @throws what `Cipher` throws.
 */
export async function planMove(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  { tenant, from, to }: Pick<MovePlan, "tenant" | "from" | "to">,
  only?: readonly RecordName[],
): Promise<MovePlan | undefined> {
  const all = await readRows(db, tenant, from);
  const rows = only === undefined ? all : all.filter((row) => only.some((name) => isSame(name, row)));
  const [first] = rows;
  if (first === undefined) return undefined;
  const { model } = first;
  const changes = (
    await readChangesAt(
      db,
      rows.map(({ position }) => ({ tenant, position })),
    )
  ).flatMap((change) => (change.contents === null ? [] : [{ change, value: change.contents }]));
  const opened = await openEach(
    cipher,
    changes.map(({ change, value }) => ({ tenant, value, purpose: changePurpose(change) })),
  );
  const readable = changes.flatMap(({ change }, index) => {
    const one = opened[index];
    return one !== undefined && "bytes" in one ? [{ position: change.position, value: one.bytes }] : [];
  });
  const [told, ...sealed] = await cipher.seal([
    { tenant, purpose: changePurpose({ model, record: from }), value: Buffer.from(JSON.stringify({ data: { now: to } })) },
    ...readable.map(({ value }) => ({ tenant, purpose: changePurpose({ model, record: to }), value })),
  ]);
  if (told === undefined) throw new Error("The cipher gave back fewer than it was given.");
  const byPosition = new Map(readable.map(({ position }, index) => [position, sealed[index]]));
  return { tenant, from, to, model, told, rows: rows.map((row) => ({ ...row, contents: byPosition.get(row.position) })) };
}

/**
 * Gives records their other canonical id, and tells so in the feed: a change of each record under the new id, and one under the old, whose data say which it is `now`. The caller rolls
 * back when it is not applied: a record has changed since the plan was made.
 */
export async function applyMove(tx: Db, { tenant, from, model, to, rows, told }: MovePlan, kind: "merged" | "unmerged"): Promise<boolean> {
  const positions = await appendChanges(tx, tenant, [
    { model, record: from, kind, contents: told },
    ...rows.map(({ connection, position, contents }) => ({
      model,
      record: to,
      kind,
      connection,
      previous: position,
      ...(contents && { contents }),
    })),
  ]);
  const moved = rows.map(({ connection, resource, externalId, position }, index) => ({
    connection,
    resource,
    externalId,
    previous: position,
    position: positions[index + 1] ?? 0,
  }));
  return (await moveRows(tx, tenant, to, moved)) === rows.length;
}

function isSame(one: RecordName, other: RecordName): boolean {
  return one.connection === other.connection && one.resource === other.resource && one.externalId === other.externalId;
}
