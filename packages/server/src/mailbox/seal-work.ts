import type { Cipher, Sealable } from "../vault/index.ts";
import { sealTexts } from "./sealed-texts.ts";
import type { NewDeadLetter, NewMessage } from "./types.ts";

/** What payloads are sealed as, wherever they lie: a message moves on, and its payload moves along as it is. */
export const payloadPurpose = "message.payload";

/** Payloads up to this many bytes lie in their message; larger ones once per tenant and contents in a table of their own. */
const inlineBytes = 8_192;

/** Work whose contents nobody can read without the tenant's key: the only kind that is committed. */
export interface SealedMessage extends Omit<NewMessage, "payload"> {
  readonly sealed: Uint8Array;
  /** Where it is kept apart: the fingerprint of its contents, in hexadecimal. */
  readonly blob: string | null;
  /** What it is found by, in hexadecimal. */
  readonly fingerprints?: readonly string[];
}

/** What messages are found by, in hexadecimal: made by the writer of the slice `references`. */
export type Fingerprints = ReadonlyMap<NewMessage, readonly string[]>;

export interface SealedDeadLetter extends SealedMessage {
  readonly code: string;
  /** In base64. */
  readonly error: string;
}

/** What an event causes. */
export interface Work {
  readonly messages: readonly NewMessage[];
  readonly quarantined: readonly NewDeadLetter[];
}

/** The same, sealed. */
export interface SealedWork {
  readonly messages: readonly SealedMessage[];
  readonly quarantined: readonly SealedDeadLetter[];
}

/**
 * Seals the contents of work: payloads, what errors say, and order keys that are no ids. For many events in one go, before the transaction that commits it. Same order. A payload
 * that several messages share is sealed once.
 *
 * @throws what `Cipher` throws.
 */
export async function sealWork(cipher: Cipher, works: readonly Work[], fingerprints: Fingerprints = new Map()): Promise<SealedWork[]> {
  const all = works.flatMap(({ messages, quarantined }) => [...messages, ...quarantined]);
  const letters = works.flatMap(({ quarantined }) => quarantined);
  const [payloads, orderKeys, errors] = [await sealPayloads(cipher, all), await hideKeys(cipher, all), await sealErrors(cipher, letters)];
  let at = 0;
  let letterAt = 0;
  const toSealed = (one: NewMessage): SealedMessage => {
    const { payload: _payload, ...work } = one;
    const found = fingerprints.get(one);
    const { sealed, blob } = payloads[at] ?? notSealed();
    const orderKey = orderKeys[at] ?? notSealed();
    at += 1;
    return { ...work, orderKey, sealed, blob, ...(found && { fingerprints: found }) };
  };
  return works.map(({ messages, quarantined }) => ({
    messages: messages.map(toSealed),
    quarantined: quarantined.map((letter) => ({ ...toSealed(letter), code: letter.code, error: errors[letterAt++] ?? notSealed() })),
  }));
}

type SealedPayload = Pick<SealedMessage, "sealed" | "blob">;

async function sealPayloads(cipher: Cipher, all: readonly NewMessage[]): Promise<SealedPayload[]> {
  const distinct: Sealable[] = [];
  // What one event causes comes together, and shares its payload.
  const indexes = all.map(({ tenant, payload }) => {
    const last = distinct.at(-1);
    const isShared = last !== undefined && last.value === payload && last.tenant === tenant;
    return (isShared ? distinct.length : distinct.push({ tenant, value: payload, purpose: payloadPurpose })) - 1;
  });
  const sealed = await cipher.seal(distinct);
  const large = distinct.filter(isLarge);
  const fingerprints = large.length === 0 ? [] : await cipher.fingerprint(large);
  const blobs = new Map(large.map((item, index) => [item, Buffer.from(fingerprints[index] ?? notSealed()).toString("hex")]));
  const results = distinct.map((item, index): SealedPayload => ({ sealed: sealed[index] ?? notSealed(), blob: blobs.get(item) ?? null }));
  return indexes.map((index) => results[index] ?? notSealed());
}

function isLarge({ value }: Sealable): boolean {
  return value.byteLength > inlineBytes;
}

/** Looks like an id: then it is kept as it is, for people who look for it. */
const idForm = /^[A-Za-z0-9._:/#|=-]+$/;

/**
 * An order key may be an e-mail address or a name, and is kept for as long as its entity has versions: what does not look like an id is kept as a fingerprint. It begins with a
 * character that no such id has.
 */
async function hideKeys(cipher: Cipher, all: readonly NewMessage[]): Promise<string[]> {
  const keys = all.map(({ orderKey }) => orderKey);
  const telling = all.flatMap(({ tenant, orderKey }, index) => (idForm.test(orderKey) ? [] : [{ tenant, value: orderKey, index }]));
  if (telling.length === 0) return keys;
  const fingerprints = await cipher.fingerprint(telling);
  telling.forEach(({ index }, at) => (keys[index] = `~${Buffer.from(fingerprints[at] ?? notSealed()).toString("base64url")}`));
  return keys;
}

async function sealErrors(cipher: Cipher, letters: readonly NewDeadLetter[]): Promise<string[]> {
  if (letters.length === 0) return [];
  return await sealTexts(
    cipher,
    "message.error",
    letters.map(({ tenant, error }) => ({ tenant, value: error })),
  );
}

function notSealed(): never {
  throw new Error("The cipher gave back fewer than it was given.");
}
