import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import type { ConnectionKey } from "./store.ts";

/** The fields of a credential that was given up here, and of which the provider has still to be told. */
export type RevokingGrant = Readonly<Record<string, string>>;

/** A connection whose provider has still to be told. */
export interface RevokingRow extends ConnectionKey {
  readonly connector: string;
  /** Sealed. */
  readonly revoking: Uint8Array;
  /** Since it was given up. */
  readonly ageHours: number;
}

const texts = z.record(z.string(), z.string());
const atOnce = 100;

function purposeOf(id: string): string {
  return `connection.revoking ${id}`;
}

/** Not inside a transaction: see `Cipher`. */
export async function sealRevoking(cipher: Cipher, { tenant, id }: ConnectionKey, grant: RevokingGrant): Promise<Uint8Array> {
  const [sealed] = await cipher.seal([{ tenant, purpose: purposeOf(id), value: Buffer.from(JSON.stringify(grant)) }]);
  return sealed ?? new Uint8Array();
}

/** `undefined` where it cannot be opened any more. */
export async function openRevoking(cipher: Cipher, { tenant, id, revoking }: RevokingRow): Promise<RevokingGrant | undefined> {
  const [opened] = await openEach(cipher, [{ tenant, purpose: purposeOf(id), value: revoking }]);
  return opened !== undefined && "bytes" in opened ? texts.parse(JSON.parse(Buffer.from(opened.bytes).toString("utf8"))) : undefined;
}

/** Those whose providers have still to be told, the oldest first. Younger ones than a minute are being told by who gave them up. */
export async function findRevoking(db: Db): Promise<RevokingRow[]> {
  const { rows } = await sql<RevokingRow>`
    select tenant, id, connector, revoking, extract(epoch from belay.now() - disconnected_at)::float8 / 3600 as "ageHours"
    from belay.connection where revoking is not null and disconnected_at < belay.now() - interval '1 minute' order by disconnected_at limit ${atOnce}::integer
  `.execute(db);
  return rows;
}

/** The provider has been told, or never will be. */
export async function clearRevoking(db: Db, { tenant, id }: ConnectionKey): Promise<void> {
  await sql`update belay.connection set revoking = null where tenant = ${tenant} and id = ${id}`.execute(db);
}
