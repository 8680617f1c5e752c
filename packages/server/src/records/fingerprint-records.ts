import { createHash } from "node:crypto";
import type { MappedRecord } from "@belay/sdk/sync";
import type { Cipher } from "../vault/index.ts";

/** What of a mapped record is kept to recognise it by: a keyed hash of its data, and of its match keys. Hexadecimal. */
export interface RecordPrint {
  readonly externalId: string;
  readonly hash: string;
  /** Each once, sorted. */
  readonly keys: readonly string[];
}

/** Works out what would be kept of these records; same order. @throws what `Cipher` throws. */
export async function fingerprintRecords(cipher: Cipher, tenant: string, records: readonly MappedRecord[]): Promise<RecordPrint[]> {
  if (records.length === 0) return [];
  const values = records.flatMap(({ data, keys }) => [data, ...keys].map((value) => ({ tenant, value })));
  const prints = (await cipher.fingerprint(values)).map((bytes) => Buffer.from(bytes).toString("hex")).values();
  const next = (): string => {
    const { value } = prints.next();
    if (value === undefined) throw new Error("The cipher gave back fewer than it was given.");
    return value;
  };
  return records.map(({ externalId, keys }) => ({ externalId, hash: next(), keys: [...new Set(keys.map(next))].toSorted() }));
}

/** The checksum of a window of records, in their order: `digestRecords` gives the same for what is kept of them. Hexadecimal. */
export function digestOf(prints: readonly RecordPrint[]): string {
  const hash = createHash("sha256");
  for (const { externalId, hash: data, keys } of prints) hash.update(`${externalId}\n${data}\n${keys.join(",")}\n\n`);
  return hash.digest("hex");
}
