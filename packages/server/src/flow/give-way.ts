import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";

const lowPriority = 15;

/**
 * Lowers the priority of the calling thread, not of its process. On Linux a thread has a priority of its own, under an id that only `/proc` tells; elsewhere
 * nothing happens.
 *
 * @see setpriority(2), section "C library/kernel differences"
 */
export function giveWay(): void {
  try {
    setPriority(Number(basename(readlinkSync("/proc/thread-self"))), lowPriority);
  } catch {
    // A courtesy to the neighbours, not a promise.
  }
}
