import { BelayError } from "@belay/sdk";

/** A place in a listing by texts, opaque to those who get it. */
export function toPlace(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** The place that a cursor of so many texts stands for; `undefined`: the beginning. @throws `API_REQUEST_INVALID` for what is no cursor of ours. */
export function readPlace(cursor: string | undefined, length: number): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = parse(Buffer.from(cursor, "base64url").toString());
  if (Array.isArray(parts) && parts.length === length && parts.every(isPlace)) return parts;
  throw noCursor();
}

/** The number that a part of a place stands for. @throws `API_REQUEST_INVALID` for what is none of ours. */
export function placeNumber(part: string): number {
  const value = Number(part);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw noCursor();
}

function noCursor(): BelayError {
  return new BelayError("API_REQUEST_INVALID", "cursor: give the `next` of the page before.");
}

/** What Postgres refuses to look for, no listing has given. */
function isPlace(part: unknown): part is string {
  return typeof part === "string" && !part.includes("\0") && part.isWellFormed();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Said by the caller, as of everything else that is no cursor.
    return undefined;
  }
}
