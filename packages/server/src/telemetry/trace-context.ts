/** Where one event stands in its trace. @see https://www.w3.org/TR/trace-context/#traceparent-header */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that caused what comes next, 16 hexadecimal digits. */
  readonly spanId: string;
  /** Good ends are told of, too; failures always are. */
  readonly sampled: boolean;
}

/** @returns `undefined` for what is no traceparent of version 00. */
export function parseTrace(traceparent: string | null | undefined): TraceContext | undefined {
  if (traceparent === null || traceparent === undefined || !/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent))
    return undefined;
  const traceId = traceparent.slice(3, 35);
  const spanId = traceparent.slice(36, 52);
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(traceparent.slice(53), 16) & 1) === 1 };
}

export function formatTrace({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/**
 * The id of a new trace: 48 bits of time, as in a UUID of version 7, and 80 random ones. The time makes a trace findable by its id in tables that are ordered by
 * time, without an index of their own.
 */
export function newTraceId(nowMs: number, random: () => number): string {
  return Math.floor(nowMs).toString(16).padStart(12, "0").slice(-12) + digits(random, 4) + digits(random, 8) + digits(random, 8);
}

/** When a trace began whose id Belay made, epoch milliseconds. Of another's id it is anything. */
export function timeOfTrace(traceId: string): number {
  return Number.parseInt(traceId.slice(0, 12), 16);
}

/** How far apart the clocks of two machines may be, and how long an event may wait for its transaction. */
const sameTimeMs = 60_000;

/** Whether the id says that its trace began about then: then the messages of it are found by their time. Another's id says so about once in ten million traces. */
export function isTraceOf(traceId: string, nowMs: number): boolean {
  return Math.abs(timeOfTrace(traceId) - nowMs) < sameTimeMs;
}

function digits(random: () => number, count: number): string {
  return Math.floor(random() * 16 ** count)
    .toString(16)
    .padStart(count, "0");
}
