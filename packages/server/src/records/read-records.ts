import type { Db } from "../db/index.ts";
import { positionBefore, readChangesAt, readVersions, type StoredChange } from "../feed/index.ts";
import type { Cipher } from "../vault/index.ts";
import { openContents, type OpenContents, openOrThrow, type RecordContents } from "./contents.ts";
import { findIdRows, findRows, readRows, readRowsOf, type RecordKeyRow } from "./read-store.ts";

/** Which records are wanted. */
export interface RecordFilter {
  readonly tenant: string;
  readonly connection?: string | undefined;
  readonly resource?: string | undefined;
  readonly model?: string | undefined;
  readonly externalId?: string | undefined;
  /** By what it is recognised, as `kind\nvalue`; it has to have all of these. Default: whatever it is recognised by. */
  readonly keys?: readonly string[] | undefined;
  /** Changed at this time or later, ISO 8601. Default: whenever. */
  readonly updatedSince?: string | undefined;
  /** Deleted ones as well. Default: only those that are there. */
  readonly withDeleted?: boolean | undefined;
}

/** A record as it is shown. */
export interface ShownRecord extends Omit<RecordKeyRow, "hash"> {
  /** What it was mapped to; null: it is deleted, or can no longer be read. */
  readonly data: unknown;
  /** As the provider gave it when it last changed. */
  readonly raw: unknown;
  /** Where it came from. */
  readonly lineage: Lineage;
}

/** Where a version of a record came from. */
export interface Lineage {
  readonly sync: string | null;
  readonly mapping: string | null;
  readonly walk: number | null;
  /** When it was committed, ISO 8601. */
  readonly changedAt: string | null;
}

/** A version of a record as it is shown. */
export interface ShownVersion extends Lineage {
  readonly position: number;
  readonly kind: StoredChange["kind"];
  readonly data: unknown;
  readonly raw: unknown;
}

interface ReadParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** Records in the order of connection, resource and external id, from behind a place on. */
export async function findRecords(
  parts: ReadParts,
  filter: RecordFilter,
  { after, limit }: { readonly after: RecordPlace | undefined; readonly limit: number },
): Promise<ShownRecord[]> {
  const { tenant, keys = [], updatedSince } = filter;
  const hashes = keys.length === 0 ? [] : await parts.cipher.fingerprint(keys.map((value) => ({ tenant, value })));
  const behind = updatedSince === undefined ? undefined : await positionBefore(parts.db, tenant, updatedSince);
  return await show(parts, tenant, await findRows(parts.db, filter, { after, limit, behind, hashes }));
}

/** Where a listing goes on. */
export type RecordPlace = Pick<RecordKeyRow, "connection" | "resource" | "externalId">;

/** The records of a canonical id: one of each connection that has it. */
export async function readRecord(parts: ReadParts, tenant: string, id: string): Promise<ShownRecord[]> {
  return await show(parts, tenant, await readRows(parts.db, tenant, id));
}

/**
 * The records of several canonical ids, in the order of the ids. Without data is only what is deleted, or lost for good.
 *
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG` where the tenant's keys cannot be opened now.
 */
export async function readRecords(parts: ReadParts, tenant: string, ids: readonly string[]): Promise<ShownRecord[]> {
  return await show(parts, tenant, await readRowsOf(parts.db, tenant, ids), openOrThrow);
}

/** Canonical ids, in their order, of which a living record is such; all of the filter has to fit one record. */
export async function findIds(
  parts: ReadParts,
  filter: Pick<RecordFilter, "tenant" | "connection" | "model" | "externalId" | "keys">,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const { tenant, keys = [] } = filter;
  const hashes = keys.length === 0 ? [] : await parts.cipher.fingerprint(keys.map((value) => ({ tenant, value })));
  return await findIdRows(parts.db, filter, { after, limit, hashes });
}

/** The versions of a record, newest first, as far as they are kept. */
export async function readRecordVersions(
  { db, cipher }: ReadParts,
  tenant: string,
  position: number,
  limit: number,
): Promise<ShownVersion[]> {
  const changes = await readVersions(db, tenant, position, limit);
  const contents = await openContents(cipher, changes);
  return changes.map(({ position: at, kind, sync, at: changedAt }, index): ShownVersion => {
    const { data = null, raw = null, mapping = null, walk = null } = contents[index] ?? {};
    return { position: at, kind, sync, mapping, walk, changedAt, data, raw };
  });
}

/** What versions hold, by their positions; what there is none of, or cannot be read any more, is missing. */
export async function readContentsAt(
  { db, cipher }: ReadParts,
  tenant: string,
  positions: readonly number[],
): Promise<ReadonlyMap<number, RecordContents>> {
  if (positions.length === 0) return new Map();
  const changes = await readChangesAt(
    db,
    positions.map((position) => ({ tenant, position })),
  );
  const contents = await openContents(cipher, changes);
  return new Map(changes.flatMap(({ position }, index) => (contents[index] === undefined ? [] : [[position, contents[index]] as const])));
}

async function show(
  { db, cipher }: ReadParts,
  tenant: string,
  rows: readonly RecordKeyRow[],
  open: OpenContents = openContents,
): Promise<ShownRecord[]> {
  if (rows.length === 0) return [];
  const changes = await readChangesAt(
    db,
    rows.map(({ position }) => ({ tenant, position })),
  );
  const contents = await open(cipher, changes);
  const byPosition = new Map(changes.map((change, index) => [change.position, { change, contents: contents[index] }]));
  return rows.map(({ hash: _hash, ...row }): ShownRecord => {
    const found = byPosition.get(row.position);
    const { data = null, raw = null, mapping = null, walk = null } = found?.contents ?? {};
    return { ...row, data, raw, lineage: { sync: found?.change.sync ?? null, mapping, walk, changedAt: found?.change.at ?? null } };
  });
}
