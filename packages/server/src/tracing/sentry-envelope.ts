import type { Trouble } from "./trouble.ts";

export interface EnvelopeParts {
  /** 32 hexadecimal digits, of this occurrence alone. */
  readonly eventId: string;
  readonly sentAtMs: number;
  /** How many of its kind were not sent since the last one. */
  readonly suppressed: number;
  readonly environment: string | undefined;
  readonly release: string | undefined;
}

/**
 * One trouble as an envelope with one event. The fingerprint is made of the kind and the place, and of nothing that differs from one occurrence to the next.
 *
 * @see https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 * @see https://develop.sentry.dev/sdk/foundations/transport/event-payloads/
 */
export function toEnvelope(trouble: Trouble, { eventId, sentAtMs, suppressed, environment, release }: EnvelopeParts): string {
  const { type, text, trace, frames } = trouble;
  const event = {
    event_id: eventId,
    timestamp: trouble.atMs / 1_000,
    platform: "node",
    level: "error",
    logger: "belay",
    fingerprint: fingerprintOf(trouble),
    tags: Object.fromEntries(Object.entries(trouble.tags).map(([name, value]) => [name, toTag(String(value))])),
    exception: {
      values: [
        {
          type,
          value: text,
          // The protocol wants the outermost first.
          ...(frames.length > 0 && {
            stacktrace: { frames: frames.toReversed().map(({ line: _line, file, ...frame }) => ({ ...frame, filename: file })) },
          }),
        },
      ],
    },
    ...(trouble.tags["belay.flow"] !== undefined && { transaction: String(trouble.tags["belay.flow"]) }),
    ...(trace !== undefined && { contexts: { trace: { trace_id: trace.traceId, span_id: trace.spanId } } }),
    ...(suppressed > 0 && { extra: { suppressed } }),
    ...(environment !== undefined && { environment }),
    ...(release !== undefined && { release }),
  };
  const payload = JSON.stringify(event);
  const header = { event_id: eventId, sent_at: new Date(sentAtMs).toISOString() };
  const item = { type: "event", length: Buffer.byteLength(payload), content_type: "application/json" };
  return `${JSON.stringify(header)}\n${JSON.stringify(item)}\n${payload}\n`;
}

/** @see https://develop.sentry.dev/sdk/foundations/transport/event-payloads/ "tags": at most 200 characters, no newline. */
function toTag(text: string): string {
  return text.slice(0, 200).toWellFormed().replaceAll("\n", " ");
}

export function fingerprintOf({ type, place }: Trouble): string[] {
  return [type, place];
}
