import { canonicalJson } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import type { NewRecord, RecordOrigin } from "../records/index.ts";
import type { Cipher } from "../vault/index.ts";
import { findExpected, listExpectedFields } from "./expected-store.ts";

/** What things are recognised with. */
export interface IdentifyParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/**
 * The things that new records may be because we have sent them, or were about to: canonical ids by external id. A record is compared in the fields that were sent: those that were not, such
 * as the time of its creation, the provider fills by itself, and by a hash of all of it nothing would ever be recognised.
 */
export async function findOurs(
  { db, cipher }: IdentifyParts,
  origin: RecordOrigin,
  records: readonly NewRecord[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const shapes = await listExpectedFields(db, origin);
  if (shapes.length === 0) return new Map();
  const looks = shapes.flatMap((fields) => records.map(({ externalId, data }) => ({ externalId, sent: sentOf(data, fields) })));
  const fingerprints = await cipher.fingerprint(looks.map(({ sent }) => ({ tenant: origin.tenant, value: sent })));
  const hashes = fingerprints.map((bytes) => Buffer.from(bytes).toString("hex"));
  const expected = Map.groupBy(await findExpected(db, origin, [...new Set(hashes)]), ({ hash }) => hash);
  const ours = new Map<string, string[]>();
  for (const [index, { externalId }] of looks.entries()) {
    const found = (expected.get(hashes[index] ?? "") ?? []).map(({ record }) => record);
    if (found.length > 0) ours.set(externalId, [...(ours.get(externalId) ?? []), ...found]);
  }
  return ours;
}

function sentOf(data: string, fields: readonly string[]): string {
  if (fields.length === 0) return data;
  // Canonical JSON of an object, of our own making.
  const all = JSON.parse(data) as Readonly<Record<string, unknown>>;
  return canonicalJson(Object.fromEntries(fields.map((field) => [field, all[field] ?? null])));
}
