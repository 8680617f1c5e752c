import type { MappedRecord } from "@belay/sdk/sync";
import { type Cipher, openEach } from "../vault/index.ts";

/** What is kept sealed of a discrepancy. */
export interface DiscrepancyContents {
  /** The record as the provider listed it, mapped; null: there is nothing to write. */
  readonly record: MappedRecord | null;
  /** Where what is kept differs from it. */
  readonly fields: readonly string[];
}

const purpose = "discrepancy.contents";

/** Same order. @throws what `Cipher` throws. */
export async function sealDiscrepancies(cipher: Cipher, tenant: string, contents: readonly DiscrepancyContents[]): Promise<Uint8Array[]> {
  if (contents.length === 0) return [];
  return await cipher.seal(contents.map((one) => ({ tenant, purpose, value: Buffer.from(JSON.stringify(one)) })));
}

/** Same order; undefined where there is nothing, or nothing that can be read any more. */
export async function openDiscrepancies(
  cipher: Cipher,
  tenant: string,
  sealed: readonly (Uint8Array | null)[],
): Promise<(DiscrepancyContents | undefined)[]> {
  const there = sealed.flatMap((value) => (value === null ? [] : [{ tenant, purpose, value }]));
  const opened = (await openEach(cipher, there)).values();
  return sealed.map((value) => {
    if (value === null) return undefined;
    const { value: one } = opened.next();
    // Written by `sealDiscrepancies`, and sealed: nobody else can have.
    return one !== undefined && "bytes" in one ? (JSON.parse(Buffer.from(one.bytes).toString()) as DiscrepancyContents) : undefined;
  });
}
