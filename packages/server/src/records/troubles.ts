import type { TroubledRecord } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { readTroubles } from "./store.ts";

/** A record that could not be taken, as it is shown. */
export interface ShownTrouble {
  readonly externalId: string;
  readonly code: string;
  /** null: it cannot be read any more. */
  readonly reason: string | null;
  /** The record as the provider gave it. */
  readonly raw: unknown;
  readonly walk: number;
  /** ISO 8601. */
  readonly at: string;
}

export interface TroubledRaw {
  readonly externalId: string;
  /** JSON text of the record as the provider gave it. */
  readonly raw: string;
}

interface TroubleKey {
  readonly tenant: string;
  readonly sync: string;
  readonly connection: string;
}

/** What the contents of a trouble are sealed for. */
export function troublePurpose(sync: string): string {
  return `record_trouble.contents ${sync}`;
}

export function troubleText({ reason, raw }: Pick<TroubledRecord, "reason" | "raw">): string {
  return `{"reason":${JSON.stringify(reason.toWellFormed())},"raw":${raw}}`;
}

/** Troubles of a sync at a connection, by external id, from after one of them on. */
export async function listTroubles(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  key: TroubleKey,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<ShownTrouble[]> {
  const rows = await readTroubles(db, key, after, limit);
  const purpose = troublePurpose(key.sync);
  const opened = await openEach(
    cipher,
    rows.map(({ contents }) => ({ tenant: key.tenant, purpose, value: contents })),
  );
  return rows.map(({ contents: _contents, ...row }, index) => {
    const one = opened[index];
    // Written by `troubleText`, and sealed: nobody else can have.
    const { reason = null, raw = null } =
      one !== undefined && "bytes" in one ? (JSON.parse(Buffer.from(one.bytes).toString()) as { reason?: string; raw?: unknown }) : {};
    return { ...row, reason, raw };
  });
}

/** The records of troubles as they came, to be tried again without asking the provider. */
export async function readTroubledRaws(
  parts: { readonly db: Db; readonly cipher: Cipher },
  key: TroubleKey,
  limit: number,
): Promise<TroubledRaw[]> {
  const troubles = await listTroubles(parts, key, { after: "", limit });
  return troubles.flatMap(({ externalId, reason, raw }) => (reason === null ? [] : [{ externalId, raw: JSON.stringify(raw) }]));
}
