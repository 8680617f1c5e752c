import { createHash } from "node:crypto";
import { type Flow, toMs, validate } from "@belay/sdk";
import type { Endpoint, Route } from "../catalog/index.ts";
import type { NewDeadLetter, NewMessage } from "../mailbox/index.ts";
import type { IngressCode, quarantineErrors } from "./errors.ts";
import { parseBody } from "./parse-body.ts";

export interface ReceivedEvent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** W3C traceparent of the request, if any. */
  readonly trace: string | null;
}

/** A believed event with the work it causes. */
export interface InterpretedEvent {
  readonly tenant: string;
  readonly connection: string;
  /** Keys under which a repeated delivery is known; the first is the provider's id. */
  readonly keys: readonly string[];
  readonly keepKeysMs: number;
  readonly messages: readonly NewMessage[];
  readonly quarantined: readonly NewDeadLetter[];
}

export type Interpretation =
  | { readonly kind: "believed"; readonly event: InterpretedEvent }
  /** Believed, but nothing listens to its type. */
  | { readonly kind: "ignored"; readonly type: string }
  | { readonly kind: "rejected"; readonly code: IngressCode; readonly reason: string; readonly detail: string };

const longestKey = 512;
const defaultRedeliveredForMs = 7 * 86_400_000;

/** Decides what a received webhook is: verifies the raw bytes, then reads them. Touches no state and never throws for what a stranger sends. */
export async function interpretEvent(endpoint: Endpoint, received: ReceivedEvent, now: Date): Promise<Interpretation> {
  const { webhooks, connection } = endpoint;
  const verdict = webhooks.scheme.verify(received, connection.webhookSecrets ?? [], now);
  if (!verdict.ok)
    return reject("INGRESS_SIGNATURE_WRONG", verdict.reason, `The signature was not accepted: ${verdict.reason.replaceAll("-", " ")}.`);
  if (!isJson(received.headers["content-type"])) {
    return reject(
      "INGRESS_TYPE_UNSUPPORTED",
      "not-json",
      `Send application/json; this was ${received.headers["content-type"] ?? "without a content type"}.`,
    );
  }
  const parsed = parseBody(received.body);
  if ("problem" in parsed) return reject("INGRESS_BODY_INVALID", "malformed-body", parsed.problem);

  const type = locate(webhooks.type, received, parsed.value);
  if (!isKey(type))
    return reject(
      "INGRESS_KEY_INVALID",
      "invalid-type",
      `The event's type (${describe(webhooks.type)}) must be a text of 1 to ${longestKey} characters.`,
    );
  const id = locate(webhooks.id, received, parsed.value);
  if (!isKey(id))
    return reject(
      "INGRESS_KEY_INVALID",
      "invalid-id",
      `The event's id (${describe(webhooks.id)}) must be a text of 1 to ${longestKey} characters.`,
    );

  const routes = endpoint.routes.get(type);
  const schema = webhooks.events[type];
  if (routes === undefined || schema === undefined) return { kind: "ignored", type };

  const validation = await validate(schema, parsed.value);
  const base = { endpoint, received, id, type };
  const work = routes.map((route) =>
    "issues" in validation
      ? quarantine(
          base,
          route,
          "CONTRACT_PAYLOAD_INVALID",
          validation.issues.map(({ path, message }) => `${path === "" ? "payload" : path}: ${message}`).join("; "),
        )
      : toWork(base, route, validation.value),
  );
  return {
    kind: "believed",
    event: {
      tenant: connection.tenant,
      connection: connection.id,
      keys: webhooks.id.signed ? [id] : [id, `sha256:${createHash("sha256").update(received.body).digest("hex")}`],
      keepKeysMs: webhooks.redeliveredFor === undefined ? defaultRedeliveredForMs : toMs(webhooks.redeliveredFor),
      messages: work.filter((item): item is NewMessage => !("code" in item)),
      quarantined: work.filter((item): item is NewDeadLetter => "code" in item),
    },
  };
}

interface Believed {
  readonly endpoint: Endpoint;
  readonly received: ReceivedEvent;
  readonly id: string;
  readonly type: string;
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

function toMessage({ endpoint, received, id, type }: Believed, route: Route, orderKey: string, version: number | null): NewMessage {
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
    payload: received.body,
    trace: received.trace,
  };
}

function quarantine(believed: Believed, route: Route, code: keyof typeof quarantineErrors, error: string): NewDeadLetter {
  return {
    ...toMessage(believed, route, `#${believed.id}`, null),
    code,
    error: error.slice(0, 2_000).toWellFormed().replaceAll("\0", "\uFFFD"),
  };
}

function reject(code: IngressCode, reason: string, detail: string): Interpretation {
  return { kind: "rejected", code, reason, detail };
}

function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

type Located = Endpoint["webhooks"]["type"];

function locate(locator: Located, received: ReceivedEvent, body: unknown): unknown {
  if ("header" in locator) return received.headers[locator.header];
  let value = body;
  for (const name of locator.body.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return toText(value);
}

/** A number is a key as long as it is told apart from its neighbours: beyond 2^53 two events would become one. */
function toText(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

function describe(locator: Located): string {
  return "header" in locator ? `header ${locator.header}` : `body field ${locator.body}`;
}

/** Control codes and lone surrogates are refused: Postgres stores no NUL, and no provider's id has the others. */
function isKey(value: unknown): value is string {
  // oxlint-disable-next-line no-control-regex
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= longestKey &&
    value.isWellFormed() &&
    !/[\u0000-\u001f\u007f]/.test(value)
  );
}
