import { readBackOf } from "../../connector/types.ts";
import type { WriteSafety } from "../../connector/types.ts";
import { toMs } from "../../duration.ts";
import { isBelayError } from "../../errors/belay-error.ts";
import type { BelayError, Retry } from "../../errors/belay-error.ts";
import { httpError } from "../errors.ts";
import type { Operation } from "../operation-context.ts";
import { pause } from "../pause.ts";
import type { ResourceAccess } from "./resource-access.ts";

/** Looks for what an earlier try may have left; undefined when there is nothing. */
export type LookBack = () => Promise<unknown>;

export interface OneWrite {
  readonly label: string;
  readonly safety: WriteSafety;
  readonly step: Operation | undefined;
  readonly lookBack: LookBack | undefined;
  /** Sends the write; always with the same key. */
  readonly transmit: () => Promise<unknown>;
}

type Clocked = Pick<ResourceAccess, "clock" | "callTimeoutMs" | "attemptTimeoutMs">;

const mostResends = 2;

/**
 * Makes a write take effect once, as far as its safety allows.
 *
 * ```
 *  suspect? ──yes──▶ look back ──found──▶ done
 *     │ no               │ nothing there
 *     └──────▶ send ◀────┘
 *              │  └─ outcome unknown ─▶ wait the lag, look back ─found─▶ done
 *              │                           (twice after a time-out)
 *              ▼                             │ nothing there
 *             done          send again, twice at most ◀┘
 * ```
 *
 * @throws `HTTP_OUTCOME_UNKNOWN` when it stays unknown; the next attempt is suspect and looks back first.
 */
export async function writeOnce(access: Clocked, write: OneWrite): Promise<unknown> {
  const { lookBack } = write;
  // Without key and look-up nobody here can find out. Only "never" keeps the queue from trying what must not be tried.
  if (write.safety.kind === "once" && write.step?.context.suspect === true) throw stillUnknown(write, "never");
  if (lookBack !== undefined && mustLookFirst(access, write)) {
    const found = await lookFirst(access, write, lookBack);
    if (found !== undefined) return found;
  }
  for (let resends = 0; ; resends++) {
    try {
      return await write.transmit();
    } catch (error) {
      if (lookBack === undefined || !isBelayError(error) || error.code !== "HTTP_OUTCOME_UNKNOWN") throw error;
      const found = await lookAfter(access, write, lookBack, error);
      if (found !== undefined) return found;
      if (resends >= mostResends) throw error;
    }
  }
}

/** A key that the provider still remembers is surer than looking: then the write is simply sent again. */
function mustLookFirst(access: Clocked, { safety, step }: OneWrite): boolean {
  if (step?.context.suspect !== true) return false;
  if (safety.kind !== "key") return safety.kind === "readBack";
  const { firstAttemptAt } = step.context;
  return firstAttemptAt !== undefined && access.clock.now() - firstAttemptAt >= toMs(safety.keptFor);
}

async function lookFirst(access: Clocked, write: OneWrite, lookBack: LookBack): Promise<unknown> {
  const found = await lookBack();
  if (found !== undefined) return found;
  const endedAt = write.step?.context.lastAttemptEndedAt;
  const now = access.clock.now();
  // Nothing found proves nothing until the look-up has had time to catch up with the earlier attempt.
  const leftMs = endedAt === undefined ? lagMs(write) : Math.min(lagMs(write), endedAt + lagMs(write) - now);
  if (leftMs <= 0) return undefined;
  await waitFor(access, write, leftMs);
  return lookBack();
}

async function lookAfter(access: Clocked, write: OneWrite, lookBack: LookBack, unknown: BelayError): Promise<unknown> {
  // A time-out ends our waiting, not the provider's work: it is given as long again before the write is repeated.
  const timedOut = isBelayError(unknown.cause) && unknown.cause.code === "HTTP_TIMEOUT";
  const settleMs = timedOut ? access.attemptTimeoutMs : 0;
  await waitFor(access, write, lagMs(write));
  const found = await lookOrStayUnknown(write, lookBack, settleMs);
  if (found !== undefined || settleMs === 0) return found;
  await waitFor(access, write, settleMs);
  return lookOrStayUnknown(write, lookBack, 0);
}

/** What cannot be looked up stays unknown. The look-up's own error must not win: it may say that nothing was attempted. */
async function lookOrStayUnknown(write: OneWrite, lookBack: LookBack, settleMs: number): Promise<unknown> {
  try {
    return await lookBack();
  } catch (error) {
    if (!isBelayError(error) || error.code === "HTTP_ABORTED" || !error.code.startsWith("HTTP_")) throw error;
    const afterMs = Math.max(settleMs, typeof error.retry === "object" ? error.retry.afterMs : 0);
    throw stillUnknown(write, afterMs === 0 ? "backoff" : { afterMs }, error);
  }
}

/** Waits here if the time allows, else lets the mailbox wait. */
async function waitFor(access: Clocked, write: OneWrite, ms: number): Promise<void> {
  if (ms <= 0) return;
  const deadlineAt = write.step?.context.deadlineAt ?? Number.POSITIVE_INFINITY;
  if (ms >= access.callTimeoutMs || access.clock.now() + ms >= deadlineAt) throw stillUnknown(write, { afterMs: ms });
  await pause(access.clock, ms, { label: write.label, signal: write.step?.context.signal });
}

function lagMs({ safety }: OneWrite): number {
  const lag = readBackOf(safety)?.lag;
  return lag === undefined ? 0 : toMs(lag);
}

function stillUnknown(write: OneWrite, retry: Retry, cause?: unknown): BelayError {
  return httpError("HTTP_OUTCOME_UNKNOWN", `${write.label}: it is unknown whether the write took effect.`, {
    retry,
    ...(cause === undefined ? {} : { cause }),
  });
}
