import type { Db } from "../db/index.ts";
import { findRecords } from "../records/index.ts";
import type { Cipher } from "../vault/index.ts";
import { readWalkAge } from "./walk-store.ts";

interface Asked {
  readonly tenant: string;
  readonly connection: string;
  readonly resource: string;
  readonly externalId: string;
}

/** A record as the provider listed it. */
export interface ListedRecord {
  /** JSON text. */
  readonly raw: string;
  /** Counts from when the walk began that read it. */
  readonly ageMs: number;
}

/**
 * A record as a walk has read it, if that walk began at most `maxAgeMs` ago. Later walks do not count: what a mapping leaves out may have changed since, and was not written.
 */
export async function readListed(
  parts: { readonly db: Db; readonly cipher: Cipher },
  asked: Asked,
  maxAgeMs: number,
): Promise<ListedRecord | undefined> {
  const [record] = await findRecords(parts, asked, { after: undefined, limit: 1 });
  const walk = record?.lineage.walk ?? null;
  if (record === undefined || walk === null || record.raw === null || record.raw === undefined) return undefined;
  const ageMs = await readWalkAge(parts.db, asked.tenant, walk);
  return ageMs === undefined || ageMs > maxAgeMs ? undefined : { raw: JSON.stringify(record.raw), ageMs };
}
