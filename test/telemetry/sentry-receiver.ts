import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SentryEvent {
  readonly event_id: string;
  readonly fingerprint: readonly string[];
  readonly level: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly extra?: { readonly suppressed?: number };
  readonly contexts?: { readonly trace: { readonly trace_id: string } };
  readonly exception: { readonly values: readonly { readonly type: string; readonly value: string }[] };
}

export interface SentryReceiver extends AsyncDisposable {
  readonly dsn: string;
  readonly events: readonly SentryEvent[];
  /** What was against the specification. */
  readonly violations: readonly string[];
  /** All bodies as they came. */
  readonly bodies: readonly string[];
  until(holds: () => boolean): Promise<void>;
}

/** Takes envelopes as Sentry does and holds each against the public specification. `respond`: headers and status of the answer. */
export async function startSentryReceiver(
  respond: () => { readonly status: number; readonly headers?: Readonly<Record<string, string>> } = () => ({ status: 200 }),
): Promise<SentryReceiver> {
  const events: SentryEvent[] = [];
  const violations: string[] = [];
  const bodies: string[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      bodies.push(body.toString());
      if (request.method !== "POST" || request.url !== "/sub/api/42/envelope/") violations.push(`${request.method} ${request.url}`);
      if (!/^Sentry .*sentry_version=7\b.*sentry_key=public\b/.test(String(request.headers["x-sentry-auth"])))
        violations.push("X-Sentry-Auth");
      const { status, headers = {} } = respond();
      if (status === 200) {
        const seen = new Set(events.map(({ event_id }) => event_id));
        events.push(...readEnvelope(body, (problem) => violations.push(problem), seen));
      }
      response.writeHead(status, { ...headers, "content-type": "application/json" }).end("{}");
      for (const look of waiting) look();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    dsn: `http://public@127.0.0.1:${(server.address() as AddressInfo).port}/sub/42`,
    events,
    violations,
    bodies,
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Headers, items and payloads: each header is one line of JSON; an item's payload is as long as it says, in bytes, and ends with a newline or the envelope.
 *
 * @see https://develop.sentry.dev/sdk/foundations/transport/envelopes/
 */
export function readEnvelope(body: Buffer, violate: (problem: string) => void, seen: ReadonlySet<string> = new Set()): SentryEvent[] {
  let at = 0;
  const line = (): Record<string, unknown> => {
    const end = body.indexOf(0x0a, at);
    const text = body.subarray(at, end === -1 ? body.length : end).toString();
    at = end === -1 ? body.length : end + 1;
    return JSON.parse(text) as Record<string, unknown>;
  };
  const header = line();
  if (!/^[0-9a-f]{32}$/.test(String(header["event_id"]))) violate("envelope header: event_id is no UUID without dashes");
  if (Number.isNaN(Date.parse(String(header["sent_at"])))) violate("envelope header: sent_at is no time");
  const events: SentryEvent[] = [];
  while (at < body.length) {
    const item = line();
    const { type, length } = item;
    if (typeof type !== "string") violate("item header: type is missing");
    if (typeof length !== "number" || at + length > body.length) {
      violate("item header: length is missing or more than there is");
      break;
    }
    const payload = body.subarray(at, at + length).toString();
    at += length;
    if (at < body.length && body[at] !== 0x0a) violate("item: no newline after its payload");
    at += 1;
    if (type === "event") events.push(readEvent(payload, String(header["event_id"]), violate, seen));
  }
  if (events.length > 1) violate("envelope: more than one event");
  return events;
}

/** @see https://develop.sentry.dev/sdk/foundations/transport/event-payloads/ */
function readEvent(payload: string, eventId: string, violate: (problem: string) => void, seen: ReadonlySet<string>): SentryEvent {
  const event = JSON.parse(payload) as SentryEvent & { timestamp?: unknown; platform?: unknown };
  if (event.event_id !== eventId) violate("event: event_id is not that of the envelope");
  if (seen.has(event.event_id)) violate("event: event_id came before");
  if (typeof event.timestamp !== "number" && Number.isNaN(Date.parse(String(event.timestamp)))) violate("event: timestamp is missing");
  if (event.platform !== "node") violate("event: platform is not one of the list");
  if (!["fatal", "error", "warning", "info", "debug"].includes(event.level)) violate("event: level is not one of the list");
  if (!event.fingerprint.every((part) => typeof part === "string" && part !== "")) violate("event: fingerprint has an empty part");
  for (const [name, value] of Object.entries(event.tags)) {
    if (!/^[\w.:-]{1,200}$/.test(name)) violate(`event: tag ${name} has a name that is not allowed`);
    if (typeof value !== "string" || value.length > 200 || value.includes("\n"))
      violate(`event: tag ${name} has a value that is not allowed`);
  }
  if (event.exception.values.length === 0 || event.exception.values.some(({ type, value }) => type === "" || value === ""))
    violate("event: an exception has no type or value");
  return event;
}
