import type { Db } from "../db/index.ts";
import { appendRows } from "./store.ts";
import type { NewChange } from "./types.ts";

/**
 * Appends versions of records to the feed of their tenant, in the order given, as one statement.
 *
 * From then on until the end of the transaction nobody else appends for this tenant: do it last, after everything that may have to wait for a lock, and write after it
 * only what needs the positions. Who takes other locks after it, which another holds that waits here, has made a deadlock.
 *
 * @param tx A transaction of the caller, who commits it soon.
 * @returns the positions, in the same order: each one more than the one before.
 */
export async function appendChanges(tx: Db, tenant: string, changes: readonly NewChange[]): Promise<number[]> {
  if (changes.length === 0) return [];
  const contents: Uint8Array[] = [];
  let bytes = 0;
  const rows = changes.map(({ contents: own, ...change }) => {
    const start = bytes;
    if (own === undefined || own === null) return change;
    contents.push(own);
    bytes += own.byteLength;
    return { ...change, start, length: own.byteLength };
  });
  const before = await appendRows(tx, tenant, rows, Buffer.concat(contents));
  return changes.map((_, index) => before + index + 1);
}
