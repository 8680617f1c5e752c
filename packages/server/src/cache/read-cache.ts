import type { Db } from "../db/index.ts";
import { type CachedRow, readCached } from "./store.ts";

/** How look-ups of a resource ended since a moment. */
export interface LookUpCounts {
  readonly hits: number;
  /** Of these: from what a sync keeps. */
  readonly fromRecords: number;
  /** Of these: together with another that asked. */
  readonly shared: number;
  readonly misses: number;
}

/** What is kept of a resource at a connection, and what it was good for. */
export interface CachedResource extends CachedRow, LookUpCounts {
  /** The share of look-ups that needed no call, 0 to 1; null: there were none. */
  readonly hitRate: number | null;
}

interface ReadParts {
  readonly db: Db;
  /** Counts by `connection\nresource`, as the measures have them. */
  readonly counted: () => Promise<ReadonlyMap<string, LookUpCounts>>;
}

const none: LookUpCounts = { hits: 0, fromRecords: 0, shared: 0, misses: 0 };

/** What is kept by connection and resource, and how often it was of use. */
export async function readCache(
  { db, counted }: ReadParts,
  filter: { readonly tenant?: string | undefined; readonly connection?: string | undefined },
  limit: number,
): Promise<CachedResource[]> {
  const rows = await readCached(db, filter, limit);
  const counts = rows.length === 0 ? new Map<string, LookUpCounts>() : await counted();
  return rows.map((row): CachedResource => {
    const found = counts.get(`${row.connection}\n${row.resource}`) ?? none;
    const all = found.hits + found.misses;
    return { ...row, ...found, hitRate: all === 0 ? null : found.hits / all };
  });
}
