import { randomBytes } from "node:crypto";

/**
 * Draws canonical ids: the time in milliseconds, 48 random bits and a number, in hexadecimal. Those of one page lie side by side in the index, and one draw serves all.
 * Not from a source that tests can choose: two processes must never agree.
 */
export function recordIds(nowMs: number): () => string {
  const start = `rec_${Math.floor(nowMs).toString(16).padStart(12, "0")}${randomBytes(6).toString("hex")}`;
  let count = 0;
  return () => `${start}${(count++).toString(16).padStart(4, "0")}`;
}
