/** A place in a listing by id, opaque to those who get it, so that what is in it may change. */
export function toCursor(below: number | null): string | null {
  return below === null ? null : Buffer.from(`below:${below}`).toString("base64url");
}

/** The id below which the listing goes on; `undefined` for what is no cursor of ours. */
export function readCursor(cursor: string): number | undefined {
  const below = Number(/^below:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1]);
  return Number.isSafeInteger(below) && below > 0 ? below : undefined;
}
