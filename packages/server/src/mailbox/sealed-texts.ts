import { type Cipher, type OfTenant, openEach } from "../vault/index.ts";

/** What texts of messages are sealed as. A message moves between tables, and what it holds moves along as it is. */
export type TextPurpose = "message.error" | "step.result";

/** Seals texts, for statements whose rows travel as JSON: in base64, same order. */
export async function sealTexts(cipher: Cipher, purpose: TextPurpose, texts: readonly OfTenant<string>[]): Promise<string[]> {
  const sealed = await cipher.seal(texts.map(({ tenant, value }) => ({ tenant, purpose, value: Buffer.from(value, "utf8") })));
  return sealed.map((bytes) => Buffer.from(bytes).toString("base64"));
}

/** Opens the errors of rows that are to be shown. One that cannot be opened says so in its place. */
export async function openErrors<Row extends { readonly tenant: string; readonly error: Uint8Array | null }>(
  cipher: Cipher,
  rows: readonly Row[],
): Promise<(Omit<Row, "error"> & { readonly error: string | null })[]> {
  const sealed = rows.flatMap(({ tenant, error }) => (error === null ? [] : [{ tenant, purpose: "message.error", value: error }]));
  const opened = (await openEach(cipher, sealed)).values();
  return rows.map((row) => {
    const one = row.error === null ? undefined : opened.next().value;
    return { ...row, error: one === undefined ? null : "bytes" in one ? Buffer.from(one.bytes).toString("utf8") : `(${one.code})` };
  });
}
