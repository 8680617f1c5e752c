import { createHash } from "node:crypto";
import { toMs } from "@belay/sdk";
import type { RejectReason } from "@belay/sdk/webhook";
import type { Endpoint } from "../catalog/index.ts";
import type { NewDeadLetter, NewMessage } from "../mailbox/index.ts";
import { causeWork } from "./cause-work.ts";
import type { IngressCode } from "./errors.ts";
import { isKey, longestKey, toText } from "./keys.ts";
import { type ToldRecord, toldRecord } from "./told-record.ts";
import { parseBody } from "./parse-body.ts";

export interface ReceivedEvent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** W3C traceparent, see `beginTrace`. */
  readonly trace: string;
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
  /** The syncs that look for changes because of it. */
  readonly hints?: readonly string[];
}

export type Interpretation =
  | { readonly kind: "believed"; readonly event: InterpretedEvent }
  /** Believed, and nothing listens to its type but syncs, which look for changes themselves: nothing of it is kept. */
  | { readonly kind: "hint"; readonly id: string; readonly syncs: readonly string[] }
  /** Believed, but nothing listens to its type. */
  | { readonly kind: "ignored"; readonly type: string }
  | Rejected;

interface Rejected {
  readonly kind: "rejected";
  readonly code: IngressCode;
  readonly reason: string;
  readonly detail: string;
}

const defaultRedeliveredForMs = 7 * 86_400_000;

/**
 * Decides what a received webhook is: verifies the raw bytes, then reads them. Touches no state and never throws for what a stranger sends.
 *
 * @param onTold Told which record a believed event says has changed, whether anybody listens to it or not.
 */
export async function interpretEvent(
  endpoint: Endpoint,
  received: ReceivedEvent,
  now: Date,
  onTold?: (told: ToldRecord) => void,
): Promise<Interpretation> {
  const { webhooks, connection } = endpoint;
  const secrets = endpoint.webhookSecrets();
  const verdict = webhooks.scheme.verify(received, secrets instanceof Promise ? await secrets : secrets, now);
  if (!verdict.ok) return notBelieved(verdict.reason);
  if (!isJson(received.headers["content-type"])) return notJson(received.headers["content-type"]);
  const parsed = parseBody(received.body);
  if ("problem" in parsed) return reject("INGRESS_BODY_INVALID", "malformed-body", parsed.problem);

  const type = locate(webhooks.type, received, parsed.value);
  if (!isKey(type))
    return reject(
      "INGRESS_KEY_INVALID",
      "invalid-type",
      `The event's type (${describe(webhooks.type)}) must be a text of 1 to ${longestKey} characters.`,
    );
  const digest = webhooks.id === "digest" || !webhooks.id.signed ? digestOf(received.body) : undefined;
  const id = webhooks.id === "digest" ? digest : locate(webhooks.id, received, parsed.value);
  if (!isKey(id))
    return reject(
      "INGRESS_KEY_INVALID",
      "invalid-id",
      `The event's id (${describe(webhooks.id)}) must be a text of 1 to ${longestKey} characters.`,
    );

  const told = onTold && toldRecord(endpoint, type, parsed.value);
  if (told !== undefined) onTold?.(told);
  const [routes, hints] = [endpoint.routes.get(type), endpoint.hints.get(type)];
  if (routes === undefined && hints !== undefined) return { kind: "hint", id, syncs: hints };
  if (routes === undefined || webhooks.events[type] === undefined) return { kind: "ignored", type };

  const work = await causeWork(
    { endpoint, id, type, body: received.body, trace: received.trace, nowMs: now.getTime() },
    routes,
    parsed.value,
  );
  return {
    kind: "believed",
    event: {
      tenant: connection.tenant,
      connection: connection.id,
      keys: digest === undefined || digest === id ? [id] : [id, digest],
      keepKeysMs: webhooks.redeliveredFor === undefined ? defaultRedeliveredForMs : toMs(webhooks.redeliveredFor),
      messages: work.filter((item) => !("code" in item)),
      quarantined: work.filter((item) => "code" in item),
      ...(hints !== undefined && { hints }),
    },
  };
}

/** What is refused whatever its body is. Signatures come first: a stranger is not told what would be read. */
export function refuseByHeaders({ webhooks }: Endpoint, headers: ReceivedEvent["headers"], now: Date): Rejected | undefined {
  const reason = webhooks.scheme.refuse?.(headers, now);
  if (reason !== undefined) return notBelieved(reason);
  return isJson(headers["content-type"]) ? undefined : notJson(headers["content-type"]);
}

function notBelieved(reason: RejectReason): Rejected {
  return reject("INGRESS_SIGNATURE_WRONG", reason, `The signature was not accepted: ${reason.replaceAll("-", " ")}.`);
}

function notJson(contentType: string | undefined): Rejected {
  return reject("INGRESS_TYPE_UNSUPPORTED", "not-json", `Send application/json; this was ${contentType ?? "without a content type"}.`);
}

function digestOf(body: Uint8Array): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

function reject(code: IngressCode, reason: string, detail: string): Rejected {
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

function describe(locator: Located | "digest"): string {
  if (locator === "digest") return "digest of the body";
  return "header" in locator ? `header ${locator.header}` : `body field ${locator.body}`;
}
