import { z } from "zod";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { type ConnectionKey, readRows } from "./store.ts";

/** Whose account a connection stands on, and who connected it; as far as the provider and the host application said. */
export interface ConnectedAccount {
  /** The provider's id of the account. */
  readonly accountId?: string | undefined;
  readonly accountName?: string | undefined;
  /** The host application's user. */
  readonly userId?: string | undefined;
  readonly userName?: string | undefined;
}

/** What became of a connection. */
export interface ConnectionFacts extends ConnectedAccount {
  /** Who it was to the access rules: an API key, an operator. */
  readonly connectedBy: string | null;
  readonly connectedAt: string | null;
  readonly disconnectedBy: string | null;
  readonly disconnectedAt: string | null;
}

const account = z.object({
  accountId: z.string().optional(),
  accountName: z.string().optional(),
  userId: z.string().optional(),
  userName: z.string().optional(),
});

function purposeOf(id: string): string {
  return `connection.account ${id}`;
}

/** It names people, so it lies in the table sealed. Not inside a transaction: see `Cipher`. */
export async function sealAccount(cipher: Cipher, { tenant, id }: ConnectionKey, connected: ConnectedAccount): Promise<Uint8Array> {
  const value = Buffer.from(JSON.stringify(connected));
  const [sealed] = await cipher.seal([{ tenant, purpose: purposeOf(id), value }]);
  return sealed ?? new Uint8Array();
}

/** What became of connections, by id; those of which nothing is known are missing. */
export async function readFacts(db: Db, cipher: Cipher, keys: readonly ConnectionKey[]): Promise<ReadonlyMap<string, ConnectionFacts>> {
  const rows = await readRows(db, keys);
  const opened = await openEach(
    cipher,
    rows.map(({ tenant, id, account: sealed }) => ({ tenant, purpose: purposeOf(id), value: sealed ?? new Uint8Array() })),
  );
  return new Map(
    rows.map(({ id, connectedBy, connectedAt, disconnectedBy, disconnectedAt }, index) => {
      const one = opened[index];
      // Nothing was sealed, or its keys were destroyed: then nobody is named.
      const named = one !== undefined && "bytes" in one ? account.safeParse(JSON.parse(Buffer.from(one.bytes).toString("utf8"))).data : {};
      return [id, { ...named, connectedBy, connectedAt, disconnectedBy, disconnectedAt }];
    }),
  );
}
