import { newSpanId } from "@belay/sdk/http";
import { formatTrace, newTraceId, parseTrace } from "../telemetry/index.ts";

export interface TraceParts {
  readonly random: () => number;
  /** The share of new traces whose good ends are told of, too: 0 to 1. */
  readonly sampleShare: number;
}

/**
 * The trace of an event that came in, as it goes on with its messages: the sender's, if it has one, else a new one, with the receipt as its newest span. Whether it
 * is sampled a stranger does not decide: its cost is ours.
 */
export function beginTrace(parts: TraceParts, senders: string | undefined, nowMs: number, trusted: boolean): string {
  const sender = parseTrace(senders);
  const sampled = trusted && sender !== undefined ? sender.sampled : parts.random() < parts.sampleShare;
  return formatTrace({ traceId: sender?.traceId ?? newTraceId(nowMs, parts.random), spanId: newSpanId(parts.random), sampled });
}
