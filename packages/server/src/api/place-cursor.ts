import { BelayError } from "@belay/sdk";

/** A place in a listing by texts, opaque to those who get it. */
export function toPlace(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** The place that a cursor of so many texts stands for; `undefined`: the beginning. @throws `API_REQUEST_INVALID` for what is no cursor of ours. */
export function readPlace(cursor: string | undefined, length: number): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = parse(Buffer.from(cursor, "base64url").toString());
  if (Array.isArray(parts) && parts.length === length && parts.every((part): part is string => typeof part === "string")) return parts;
  throw new BelayError("API_REQUEST_INVALID", "cursor: give the `next` of the page before.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Said by the caller, as of everything else that is no cursor.
    return undefined;
  }
}
