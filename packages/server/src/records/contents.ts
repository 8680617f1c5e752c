import { BelayError } from "@belay/sdk";
import { type Cipher, type Opened, openEach } from "../vault/index.ts";
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

export type OpenContents = (cipher: Cipher, sealed: readonly SealedContents[]) => Promise<(RecordContents | undefined)[]>;

/** Opens versions of records, same order; `undefined` where there is nothing, or nothing that can be read. */
export const openContents: OpenContents = async (cipher, sealed) =>
  (await openAll(cipher, sealed)).map((one) => (one !== undefined && "bytes" in one ? parse(one.bytes) : undefined));

/** Of these nothing comes back by itself. */
const lostCodes = new Set(["VAULT_KEYS_DESTROYED", "VAULT_SEAL_BROKEN"]);

/**
 * The same for whoever takes away what is not there: `undefined` is what is gone for good.
 *
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`: it is there, and cannot be read now.
 */
export const openOrThrow: OpenContents = async (cipher, sealed) =>
  (await openAll(cipher, sealed)).map((one) => {
    if (one === undefined) return undefined;
    if ("bytes" in one) return parse(one.bytes);
    if (lostCodes.has(one.code)) return undefined;
    throw new BelayError(one.code, one.error, { retry: "backoff" });
  });

async function openAll(cipher: Cipher, sealed: readonly SealedContents[]): Promise<(Opened | undefined)[]> {
  const there = sealed.flatMap(({ tenant, contents, ...change }) =>
    contents === null ? [] : [{ tenant, value: contents, purpose: changePurpose(change) }],
  );
  const opened = (await openEach(cipher, there)).values();
  return sealed.map(({ contents }) => (contents === null ? undefined : opened.next().value));
}

function parse(bytes: Uint8Array): RecordContents {
  // It was written here, and nobody else can seal: what it says is what `contentsText` wrote.
  return JSON.parse(Buffer.from(bytes).toString()) as RecordContents;
}
