/**
 * The life of a circuit breaker, as data: a store in memory and one in a database both apply it.
 *
 * ```
 *            tripped                probe-due
 *  closed ───────────▶ open ─────────────────────▶ half-open
 *    ▲                  ▲      failure · released      │
 *    │                  └──────────────────────────────┤
 *    └──────────────────────────────────── success ────┘
 * ```
 */
export type BreakerState = "closed" | "open" | "half-open";

/**
 * - `success`, `failure`: an admitted attempt ended. In `half-open` only the probe's end counts.
 * - `tripped`: the failure that reached the threshold.
 * - `probe-due`: the pause is over and somebody wants to send.
 * - `released`: the probe ended without telling anything about the provider (cancelled, no budget).
 */
export type BreakerEvent = "success" | "failure" | "tripped" | "probe-due" | "released";

/** Null: the event changes nothing in that state. */
export const breakerTransitions: Readonly<Record<BreakerState, Readonly<Record<BreakerEvent, BreakerState | null>>>> = {
  closed: { success: "closed", failure: "closed", tripped: "open", "probe-due": null, released: null },
  // Attempts admitted before it opened may still end; they are old news.
  open: { success: null, failure: null, tripped: null, "probe-due": "half-open", released: null },
  "half-open": { success: "closed", failure: "open", tripped: "open", "probe-due": null, released: "open" },
};

export interface BreakerRecord {
  readonly state: BreakerState;
  /** Consecutive failures while closed. */
  readonly failures: number;
  /** How often it opened since it was last closed; the pause grows with it. */
  readonly openings: number;
  /** Epoch milliseconds from which a probe may be sent; of use while not closed. */
  readonly probeAt: number;
}

export interface BreakerOptions {
  /** Consecutive failures that open the breaker. Default 5. */
  readonly threshold?: number;
  /** Pause before the first probe, in milliseconds; doubles with each failed probe. Default 5,000. */
  readonly firstProbeMs?: number;
  /** Longest pause between probes, in milliseconds. Default 300,000. */
  readonly longestProbeMs?: number;
  /** Told of each opening, a failed probe included. Must be quick. */
  readonly onOpen?: (connection: string) => void;
}

export const closedBreaker: BreakerRecord = { state: "closed", failures: 0, openings: 0, probeAt: 0 };

/** The record after `event`. Answers with the same object when nothing changes. */
export function stepBreaker(record: BreakerRecord, event: BreakerEvent, now: number, options: BreakerOptions = {}): BreakerRecord {
  const { threshold = 5, firstProbeMs = 5_000, longestProbeMs = 300_000 } = options;
  const actual = record.state === "closed" && event === "failure" && record.failures + 1 >= threshold ? "tripped" : event;
  const state = breakerTransitions[record.state][actual];
  if (state === null) return record;
  if (state === "closed") {
    if (actual === "failure") return { ...record, failures: record.failures + 1 };
    return record.state === "closed" && record.failures === 0 ? record : closedBreaker;
  }
  if (state === "half-open") return { ...record, state };
  // A probe that told nothing leaves the door as it was: the next one may go at once.
  if (actual === "released") return { ...record, state };
  return {
    state,
    failures: 0,
    openings: record.openings + 1,
    probeAt: now + Math.min(longestProbeMs, firstProbeMs * 2 ** record.openings),
  };
}
