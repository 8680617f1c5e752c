import {
  type AnyReferences,
  type Connection,
  type Flow,
  readReferences,
  type Reference,
  type Schema,
  validate,
  type Validation,
} from "@belay/sdk";
import type { Route } from "../catalog/index.ts";
import type { NewDeadLetter, NewMessage } from "../mailbox/index.ts";
import { isTraceOf, parseTrace } from "../telemetry/index.ts";
import type { quarantineErrors } from "./errors.ts";
import { isKey, longestKey, toText } from "./keys.ts";

/** Where a believed event came from: an endpoint, or the host application. */
export interface EventSource {
  readonly connection: Pick<Connection, "id" | "tenant">;
  readonly webhooks: { readonly events: Readonly<Record<string, Schema>>; readonly references?: Readonly<Record<string, AnyReferences>> };
}

/** An event whose sender is known. */
export interface Believed {
  readonly endpoint: EventSource;
  readonly id: string;
  readonly type: string;
  /** The raw body. */
  readonly body: Uint8Array;
  /** W3C traceparent. */
  readonly trace: string | null;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** What an event causes, one item a route: work, or a dead letter where the payload does not fit the event's schema or the flow cannot read its keys. */
export async function causeWork(believed: Believed, routes: readonly Route[], payload: unknown): Promise<(NewMessage | NewDeadLetter)[]> {
  const schema = believed.endpoint.webhooks.events[believed.type];
  const validation: Validation<unknown> = schema === undefined ? { value: payload } : await validate(schema, payload);
  const value = "value" in validation ? validation.value : payload;
  const ofEvent = referencesOfEvent(believed, value);
  return routes.map((route) => {
    const work =
      "value" in validation
        ? toWork(believed, route, value)
        : quarantine(believed, route, "CONTRACT_PAYLOAD_INVALID", describeIssues(validation));
    return withReferences(work, route.flow, ofEvent, value);
  });
}

/** What every message of the event is found by. */
function referencesOfEvent({ endpoint, type, trace, nowMs }: Believed, payload: unknown): readonly Reference[] {
  const declared = endpoint.webhooks.references?.[type];
  const found = declared === undefined ? [] : readReferences(declared, payload);
  const traceId = parseTrace(trace)?.traceId;
  // A trace that begins now is found by the time in its id.
  return traceId === undefined || isTraceOf(traceId, nowMs) ? found : [...found, { kind: "trace", value: traceId }];
}

function withReferences<Work extends NewMessage>(work: Work, flow: Flow, ofEvent: readonly Reference[], payload: unknown): Work {
  const references = flow.references === undefined ? ofEvent : [...ofEvent, ...readReferences(flow.references, payload)];
  return references.length === 0 ? work : { ...work, references };
}

function describeIssues({ issues }: Extract<Validation<unknown>, { readonly issues: unknown }>): string {
  return issues.map(({ path, message }) => `${path === "" ? "payload" : path}: ${message}`).join("; ");
}

function toWork(believed: Believed, route: Route, payload: unknown): NewMessage | NewDeadLetter {
  try {
    const orderKey = route.flow.orderKey === undefined ? `#${believed.id}` : toText(route.flow.orderKey(payload as never));
    // An id of the greatest length is longer than that with its mark, and no less an id.
    if (typeof orderKey !== "string" || (route.flow.orderKey !== undefined && !isKey(orderKey))) {
      return quarantine(
        believed,
        route,
        "CONTRACT_KEY_INVALID",
        `orderKey must be a whole number or a text of 1 to ${longestKey} characters without control codes.`,
      );
    }
    return toMessage(believed, route, orderKey, readVersion(route.flow, payload));
  } catch (error) {
    return quarantine(believed, route, "CONTRACT_KEY_INVALID", error instanceof Error ? error.message : "orderKey or version threw.");
  }
}

function readVersion(flow: Flow, payload: unknown): number | null {
  if (flow.version === undefined) return null;
  const version: unknown = flow.version(payload as never);
  // Null would be the year 1970 to Date: an event that is always out of date.
  const value = typeof version === "string" || version instanceof Date ? new Date(version).getTime() : version;
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new Error("version must be a whole number, a Date or an ISO 8601 time.");
  return value;
}

function toMessage({ endpoint, id, type, body, trace }: Believed, route: Route, orderKey: string, version: number | null): NewMessage {
  const { connection } = endpoint;
  return {
    tenant: connection.tenant,
    target: route.target.id,
    lane: "event",
    // The same key of two sources is two entities.
    orderKey: `${connection.id}/${orderKey}`,
    flow: route.flow.id,
    connection: connection.id,
    eventKey: id,
    eventType: type,
    version,
    payload: body,
    trace,
  };
}

function quarantine(believed: Believed, route: Route, code: keyof typeof quarantineErrors, error: string): NewDeadLetter {
  return {
    ...toMessage(believed, route, `#${believed.id}`, null),
    code,
    error: error.slice(0, 2_000).toWellFormed().replaceAll("\0", "\uFFFD"),
  };
}
