import type { Admission, AttemptOutcome, Breaker, BreakerSubject } from "./breaker.ts";
import { closedBreaker, stepBreaker } from "./breaker-states.ts";
import type { BreakerOptions, BreakerRecord } from "./breaker-states.ts";

const admitted: Admission = { admitted: true, probe: false };
/** A refusal while the probe is under way: its end is not known, so look again soon. */
const probeUnderWayMs = 1_000;

/** A breaker that answers at once. */
export interface MemoryBreaker extends Breaker {
  admit(subject: BreakerSubject, now: number): Admission;
  report(subject: BreakerSubject, probe: boolean, outcome: AttemptOutcome, now: number): void;
}

/**
 * A breaker whose state lives in this process, one for each connection. Connections without failures take no memory.
 *
 * Defaults: opens after 5 failures in a row, first probe after 5 s, doubling up to 5 min.
 */
export function createMemoryBreaker(options: BreakerOptions = {}): MemoryBreaker {
  const records = new Map<string, BreakerRecord>();
  const keep = (connection: string, before: BreakerRecord, after: BreakerRecord): void => {
    if (after === before) return;
    if (after.openings > before.openings) options.onOpen?.(connection);
    if (after === closedBreaker) records.delete(connection);
    else records.set(connection, after);
  };
  const refusalMs = (record: BreakerRecord | undefined, now: number): number => {
    if (record === undefined || record.state === "closed") return 0;
    return record.state === "half-open" ? probeUnderWayMs : Math.max(0, record.probeAt - now);
  };
  return {
    admit({ connection }, now) {
      const record = records.get(connection);
      if (record === undefined || record.state === "closed") return admitted;
      const afterMs = refusalMs(record, now);
      if (afterMs > 0) return { admitted: false, afterMs };
      keep(connection, record, stepBreaker(record, "probe-due", now, options));
      return { admitted: true, probe: true };
    },
    report({ connection }, probe, outcome, now) {
      const record = records.get(connection) ?? closedBreaker;
      // An attempt from before it opened must not decide for the probe.
      if (record.state === "half-open" && !probe) return;
      keep(connection, record, stepBreaker(record, outcome, now, options));
    },
    closedForMs: ({ connection }, now) => refusalMs(records.get(connection), now),
  };
}
