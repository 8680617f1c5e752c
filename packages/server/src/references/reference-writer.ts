import type { Reference } from "@belay/sdk";
import type { Cipher } from "../vault/index.ts";
import { normalize } from "./normalize.ts";

/** Something of a tenant that is found by its references. */
export interface Referring {
  readonly tenant: string;
  readonly references?: readonly Reference[];
}

const mostReferences = 50;

/** Makes fingerprints of references. */
export class ReferenceWriter {
  readonly #cipher: Cipher;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** The fingerprints, hexadecimal, of those items that have references. Before the transaction begins: a tenant's key may have to be read. */
  async fingerprint<Item extends Referring>(items: readonly Item[]): Promise<ReadonlyMap<Item, readonly string[]>> {
    const owners: Item[] = [];
    const wanted: { tenant: string; value: string }[] = [];
    for (const item of items) {
      if (item.references === undefined) continue;
      for (const text of distinctTexts(item.references)) {
        owners.push(item);
        wanted.push({ tenant: item.tenant, value: text });
      }
    }
    const result = new Map<Item, string[]>();
    if (wanted.length === 0) return result;
    const fingerprints = await this.#cipher.fingerprint(wanted);
    owners.forEach((owner, index) => {
      const hex = toHex(fingerprints[index]);
      const known = result.get(owner);
      if (known === undefined) result.set(owner, [hex]);
      else known.push(hex);
    });
    return result;
  }

  /** The kinds by fingerprint, hexadecimal, of what is looked for. */
  async identify(items: readonly Required<Referring>[]): Promise<ReadonlyMap<string, string>> {
    const texts = items.flatMap(({ tenant, references }) => [...distinctTexts(references)].map((value) => ({ tenant, value })));
    if (texts.length === 0) return new Map();
    const fingerprints = await this.#cipher.fingerprint(texts);
    return new Map(texts.map(({ value }, index) => [toHex(fingerprints[index]), value.slice(0, value.indexOf("\n"))]));
  }
}

/** The fingerprints, hexadecimal, of one thing of a tenant. */
export function fingerprintWith(writer: ReferenceWriter): (tenant: string, references: readonly Reference[]) => Promise<readonly string[]> {
  return async (tenant, references) => {
    const item = { tenant, references };
    return (await writer.fingerprint([item])).get(item) ?? [];
  };
}

function toHex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}

/** What fingerprints are made of. */
function distinctTexts(references: readonly Reference[]): Set<string> {
  const texts = new Set<string>();
  for (const reference of references) {
    const value = normalize(reference);
    if (value !== undefined && texts.size < mostReferences) texts.add(`${reference.kind}\n${value}`);
  }
  return texts;
}
