import type { Clock } from "../telemetry/index.ts";
import type { ConsumerKey } from "./consumer-store.ts";
import { type ChangeBatch, type FeedParts, readChanges, type ReadOptions } from "./read-changes.ts";

export interface AwaitOptions extends ReadOptions {
  /** 0: answers at once. */
  readonly waitMs: number;
  readonly clock: Clock;
  /** Ends the waiting, with nothing. */
  readonly signal: AbortSignal;
}

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/**
 * Like `readChanges`, but where nothing is new looks again for a while. By asking, not by notices: those would cost every writer something, and a reader who waits asks
 * once a second.
 *
 * @throws as `readChanges`.
 */
export async function awaitChanges(parts: FeedParts, consumer: ConsumerKey, options: AwaitOptions): Promise<ChangeBatch> {
  const { clock, signal, waitMs } = options;
  const until = clock.now() + waitMs;
  let pauseMs = firstPauseMs;
  for (;;) {
    const batch = await readChanges(parts, consumer, options);
    const leftMs = until - clock.now();
    if (batch.batch !== null || leftMs <= 0 || signal.aborted) return batch;
    await clock.sleep(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
  }
}
