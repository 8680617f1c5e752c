import type { Db } from "../db/index.ts";
import type { AuditEntry } from "./entry.ts";
import { type EntryFilter, selectEntries } from "./store.ts";

/** What addresses are sealed for. */
export const addressPurpose = "audit_entry.address";

/** Addresses belong to the installation: they are of people who are not, or not yet, known to be of a tenant. */
export const addressOwner = "";

/** Opens what was sealed; `undefined` where the key is gone. The vault's cipher is one. */
export type OpenSeal = (
  items: readonly { readonly tenant: string; readonly purpose: string; readonly value: Uint8Array }[],
) => Promise<(Uint8Array | undefined)[]>;

/** Entries in the order of the chain, at most `limit`. `from` counts, `to` does not. */
export async function readEntries(db: Db, filter: EntryFilter, limit: number): Promise<AuditEntry[]> {
  return await selectEntries(db, filter, limit);
}

/** The network addresses of entries, in the clear; `null` where none is known. */
export async function readAddress(open: OpenSeal, entries: readonly AuditEntry[]): Promise<(string | null)[]> {
  const sealed = entries.flatMap(({ address }) => (address === null ? [] : [Buffer.from(address, "base64")]));
  const opened = await open(sealed.map((value) => ({ tenant: addressOwner, purpose: addressPurpose, value })));
  let next = 0;
  return entries.map(({ address }) => {
    if (address === null) return null;
    const text = opened[next++];
    return text === undefined ? null : Buffer.from(text).toString();
  });
}
