import { type Cipher, openEach } from "../vault/index.ts";
import { changePurpose } from "../feed/index.ts";
import type { RecordOrigin } from "./types.ts";

/** A version of a record, opened. */
export interface RecordContents {
  /** What it was mapped to. */
  readonly data: unknown;
  /** As the provider gave it. */
  readonly raw: unknown;
  /** The version of the mapping. */
  readonly mapping: string;
  /** The walk that read it. */
  readonly walk: number;
}

/** The text that is sealed. Data and raw are JSON already: they are not written anew. */
export function contentsText(data: string, raw: string, { mapping, walk }: Pick<RecordOrigin, "mapping" | "walk">): string {
  return `{"data":${data},"raw":${raw},"mapping":${JSON.stringify(mapping)},"walk":${walk}}`;
}

/** What can be opened of a change of a record. */
export interface SealedContents {
  readonly tenant: string;
  readonly model: string;
  readonly record: string;
  readonly contents: Uint8Array | null;
}

/** Opens versions of records, same order; `undefined` where there is nothing, or nothing that can be read any more. */
export async function openContents(cipher: Cipher, sealed: readonly SealedContents[]): Promise<(RecordContents | undefined)[]> {
  const there = sealed.flatMap(({ tenant, contents, ...change }) =>
    contents === null ? [] : [{ tenant, value: contents, purpose: changePurpose(change) }],
  );
  const opened = await openEach(cipher, there);
  let next = 0;
  return sealed.map(({ contents }) => {
    if (contents === null) return undefined;
    const one = opened[next++];
    return one !== undefined && "bytes" in one ? parse(one.bytes) : undefined;
  });
}

function parse(bytes: Uint8Array): RecordContents {
  // It was written here, and nobody else can seal: what it says is what `contentsText` wrote.
  return JSON.parse(Buffer.from(bytes).toString()) as RecordContents;
}
