import { BelayError, Secret } from "@belay/sdk";
import { z } from "zod";
import type { Cipher } from "../vault/index.ts";
import type { CredentialKey } from "./store.ts";

export type Fields = Readonly<Record<string, Secret>>;

const shape = z.record(z.string(), z.string());

/** Bound to the connection and the version: a row of another connection, or an older one put in its place, does not open. */
const purposeOf = (connection: string, version: number): string => `credential.fields/${connection}/${version}`;

export async function sealFields(
  cipher: Cipher,
  { tenant, connection }: CredentialKey,
  version: number,
  fields: Fields,
): Promise<Uint8Array> {
  const texts = Object.fromEntries(Object.entries(fields).map(([name, secret]) => [name, secret.reveal()]));
  const value = Buffer.from(JSON.stringify(texts), "utf8");
  const [sealed] = await cipher.seal([{ tenant, purpose: purposeOf(connection, version), value }]);
  if (sealed === undefined) throw new Error("The cipher gave nothing back.");
  return sealed;
}

/** @throws `VAULT_SEAL_BROKEN` and `VAULT_KEYS_DESTROYED`. */
export async function openFields(
  cipher: Cipher,
  { tenant, connection }: CredentialKey,
  version: number,
  sealed: Uint8Array,
): Promise<Fields> {
  const [opened] = await cipher.open([{ tenant, purpose: purposeOf(connection, version), value: sealed }]);
  if (opened === undefined) throw new BelayError("VAULT_KEYS_DESTROYED", `The keys of tenant ${tenant} were destroyed.`);
  const texts = shape.parse(JSON.parse(Buffer.from(opened).toString("utf8")));
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Secret(text)]));
}

/** What a secret is compared by where it must not be kept; `null` for none. */
export async function printOf(cipher: Cipher, tenant: string, secret: Secret | undefined): Promise<Uint8Array | null> {
  if (secret === undefined) return null;
  const [print] = await cipher.fingerprint([{ tenant, value: `credential\n${secret.reveal()}` }]);
  return print ?? null;
}

/** The same for all fields of a credential together. */
export async function printOfAll(cipher: Cipher, tenant: string, fields: Fields): Promise<Uint8Array | null> {
  const texts = Object.entries(fields).map(([name, secret]) => [name, secret.reveal()]);
  return await printOf(cipher, tenant, new Secret(JSON.stringify(texts.toSorted(([one = ""], [other = ""]) => (one < other ? -1 : 1)))));
}
