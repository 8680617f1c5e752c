import { randomBytes } from "node:crypto";

/** Gives so many random bytes. Two processes must never be given the same: what they draw at the same moment would be one thing. */
export type DrawBytes = (size: number) => Uint8Array;

/**
 * Draws canonical ids: the time in milliseconds, 48 random bits and a number, in hexadecimal. Those of one page lie side by side in the index, and one draw serves all.
 *
 * @param drawBytes Default: what the system gives.
 */
export function recordIds(nowMs: number, drawBytes: DrawBytes = randomBytes): () => string {
  const start = `rec_${Math.floor(nowMs).toString(16).padStart(12, "0")}${Buffer.from(drawBytes(6)).toString("hex")}`;
  let count = 0;
  return () => `${start}${(count++).toString(16).padStart(4, "0")}`;
}
