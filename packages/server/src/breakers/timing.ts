/** What is nobody's to set. */
export const breakerTiming = {
  /** Failures in a row that open a connection's breaker. */
  threshold: 5,
  /** Before the first probe; doubles with each that fails. */
  firstProbeMs: 5_000,
  /** A probe is one call of the whole installation: once a minute costs nobody anything, and an outage is over a minute after it ended at the latest. */
  longestProbeMs: 60_000,
  /** A probe whose process dies is somebody else's after this. Longer than an attempt takes. */
  probeLeaseMs: 15_000,
  /** What failed so long ago says nothing about now: a little longer than the longest pause between probes. */
  alikeMs: 90_000,
  /** Processes look so often at what they may have missed. */
  pollMs: 2_000,
} as const;
