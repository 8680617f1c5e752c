import { closeSync, openSync, readSync } from "node:fs";
import type { Needle } from "./forms.ts";

export interface Found {
  readonly needle: Needle;
  readonly offset: number;
  /** What stands around it, with what is no letter as dots. */
  readonly around: string;
}

const chunkBytes = 8 * 1024 * 1024;
const keyBytes = 6;
const overlapBytes = 256;

/** Looks for many values at once. Most places are dismissed by their first three bytes. */
export class Finder {
  readonly #begins = new Uint8Array(2 ** 24);
  readonly #byKey = new Map<string, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const { bytes } = needle;
      if (bytes.length < keyBytes) continue;
      this.#begins[bytes.readUIntLE(0, 3)] = 1;
      const key = bytes.toString("latin1", 0, keyBytes);
      const others = this.#byKey.get(key);
      if (others === undefined) this.#byKey.set(key, [needle]);
      else others.push(needle);
    }
  }

  /** What is found in a buffer, in the order of its places. */
  find(buffer: Buffer): Found[] {
    const found: Found[] = [];
    const begins = this.#begins;
    let three = ((buffer[0] ?? 0) << 8) | ((buffer[1] ?? 0) << 16);
    for (let at = 2; at < buffer.length; at += 1) {
      three = (three >>> 8) | ((buffer[at] ?? 0) << 16);
      if (begins[three] === 0) continue;
      const offset = at - 2;
      for (const needle of this.#byKey.get(buffer.toString("latin1", offset, Math.min(offset + keyBytes, buffer.length))) ?? [])
        if (needle.bytes.equals(buffer.subarray(offset, offset + needle.bytes.length)))
          found.push({ needle, offset, around: readable(buffer.subarray(Math.max(0, offset - 160), offset + 80)) });
    }
    return found;
  }

  /** The same for a file of any size. One that stands where two pieces meet may be told twice. */
  findInFile(path: string): { readonly found: Found[]; readonly bytes: number } {
    const file = openSync(path, "r");
    const buffer = Buffer.alloc(chunkBytes);
    const found: Found[] = [];
    try {
      for (let position = 0; ;) {
        const read = readSync(file, buffer, 0, chunkBytes, position);
        for (const each of this.find(buffer.subarray(0, read))) found.push({ ...each, offset: each.offset + position });
        if (read < chunkBytes) return { found, bytes: position + read };
        position += read - overlapBytes;
      }
    } finally {
      closeSync(file);
    }
  }
}

function readable(bytes: Buffer): string {
  return bytes.toString("latin1").replaceAll(/[^\x20-\x7e]+/g, "·");
}
