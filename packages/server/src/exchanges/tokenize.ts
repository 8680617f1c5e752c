import { type PersonalValue, replacePersonalData, tokenOf } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";

/** A text, and the fields that tell of a person in it. */
export interface PersonalText {
  readonly tenant: string;
  readonly text: string;
  readonly fields: readonly string[];
}

/** A text without personal values, and what stands for what in it. */
export interface Tokenized {
  readonly text: string;
  /** By token. */
  readonly values: ReadonlyMap<string, PersonalValue>;
}

const keyOf = (tenant: string, { kind, value }: PersonalValue): string => `${tenant}\n${kind}\n${value}`;

/** Puts tokens in the place of personal values. In batches, because tokens need the tenant's key. Same order. */
export async function tokenize(cipher: Pick<Cipher, "fingerprint">, texts: readonly PersonalText[]): Promise<Tokenized[]> {
  const wanted = new Map<string, { readonly tenant: string; readonly value: string }>();
  const found = texts.map(({ tenant, text, fields }) => {
    let any = false;
    replacePersonalData(text, fields, (value) => {
      any = true;
      wanted.set(keyOf(tenant, value), { tenant, value: `${value.kind}:${value.value}` });
      return "[]"; // nothing that looks like a personal value itself
    });
    return any;
  });
  const digests = wanted.size === 0 ? [] : await cipher.fingerprint([...wanted.values()]);
  const tokens = new Map([...wanted.keys()].map((key, index) => [key, Buffer.from(digests[index] ?? []).toString("hex")]));
  return texts.map(({ tenant, text, fields }, index) => {
    const values = new Map<string, PersonalValue>();
    if (found[index] !== true) return { text, values };
    const replaced = replacePersonalData(text, fields, (value) => {
      const token = tokenOf(value.kind, tokens.get(keyOf(tenant, value)) ?? "");
      values.set(token, value);
      return token;
    });
    return { text: replaced, values };
  });
}
