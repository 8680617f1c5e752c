import type { Readable } from "node:stream";
import { BelayError, type Connection, failureClasses, isBelayError } from "@belay/sdk";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Catalog, Endpoint } from "../catalog/index.ts";
import type { Clock, Counters, Receipt } from "../telemetry/index.ts";
import { beginTrace, type TraceParts } from "./begin-trace.ts";
import { type BodyMemory, type BodyReservation } from "./body-memory.ts";
import { type IngressCode, ingressErrors } from "./errors.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type Interpretation, type InterpretedEvent, interpretEvent, refuseByHeaders } from "./interpret-event.ts";
import type { ToldRecord } from "./told-record.ts";

export interface IngressParts {
  readonly catalog: Catalog;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly random: () => number;
  readonly tracing: TraceParts;
  /** Why nothing more may be taken in for a tenant now. Default: it always may. Must be quick. */
  readonly refusal?: Refusal | undefined;
  /** Where bodies lie while they arrive. */
  readonly memory: BodyMemory;
  /** Told what believed events say has changed; resolves when nobody is given what was known from before. Must not reject. Default: nothing is given from before. */
  readonly onTold?: ((connection: Connection, told: ToldRecord) => Promise<void> | undefined) | undefined;
  /** Told of events that say that something has changed which these syncs read; resolves when that is on disk. Default: nobody wants to know. */
  readonly onHint?: ((endpoint: Endpoint, syncs: readonly string[]) => Promise<void>) | undefined;
  /** Told how each event was taken in whose sender is known. Must be quick. */
  readonly onReceived?: ((receipt: Receipt) => void) | undefined;
}

/** Whether too much waits for a tenant, or in the whole installation. */
export type Refusal = (tenant: string) => "tenant" | "installation" | undefined;

/** Bodies that say they are no larger are not counted: as many as there may be connections are no danger. */
const smallBytes = 16 * 1024;

/** Too much waits: there is room again in minutes rather than in seconds. */
const backlogRetrySeconds = 30;

const longestCommitMs = 10_000;

/**
 * `POST /in/{endpoint}`: 202 once the event is on disk, `{ outcome: "accepted" | "duplicate" | "quarantined" | "ignored" }`.
 * Everything else is a problem (RFC 9457) with a code of `errors.ts`; on 429 and 503 with Retry-After.
 */
export function registerIngress(server: FastifyInstance, parts: IngressParts): void {
  server.register(async (scope) => {
    // The raw bytes are what was signed: no parser may touch them first.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    // Fastify refuses a content type that is none before our handler sees it.
    scope.setErrorHandler((error, request, reply) => {
      if (typeof error !== "object" || error === null || !("statusCode" in error) || error.statusCode !== 415) throw error;
      parts.counters.add("ingress.received");
      return refuse(parts, request, reply, "INGRESS_TYPE_UNSUPPORTED", "not-json", "Send application/json; this was no content type.");
    });
    scope.post<{ Params: { endpoint: string } }>("/in/:endpoint", async (request, reply) => await receive(parts, request, reply));
  });
}

async function receive(
  parts: IngressParts,
  request: FastifyRequest<{ Params: { endpoint: string } }>,
  reply: FastifyReply,
): Promise<unknown> {
  const { counters } = parts;
  counters.add("ingress.received");
  const endpoint = parts.catalog.endpoints.get(request.params.endpoint);
  if (endpoint === undefined) {
    return refuse(parts, request, reply, "INGRESS_ENDPOINT_UNKNOWN", "unknown-endpoint", "No connection receives webhooks at this URL.");
  }
  const full = parts.refusal?.(endpoint.connection.tenant);
  if (full !== undefined) {
    const code = full === "tenant" ? "INGRESS_TENANT_BACKLOG_FULL" : "INGRESS_BACKLOG_FULL";
    return refuseUnread(parts, request, reply, endpoint, code, "backlog-full", "Too much waits; send it again later.");
  }
  const { maxBytes } = endpoint.webhooks;
  const announced = Number(request.headers["content-length"] ?? Number.NaN);
  if (!(announced <= smallBytes)) {
    const early = refuseByHeaders(endpoint, oneValueEach(request.headers), new Date(parts.clock.now()));
    if (early !== undefined) return refuseUnread(parts, request, reply, endpoint, early.code, early.reason, early.detail);
  }
  const reservation = announced <= smallBytes ? undefined : parts.memory.reserve(Math.min(announced || smallBytes, maxBytes));
  if (!(announced <= smallBytes) && reservation === undefined)
    return refuseUnread(parts, request, reply, endpoint, "INGRESS_MEMORY_FULL", "memory-full", "Too much arrives at once; send it again.");
  try {
    const body = await readBody(request.raw, maxBytes, announced || 0, reservation);
    if (body === "too-large")
      return await refuseUnread(
        parts,
        request,
        reply,
        endpoint,
        "INGRESS_BODY_TOO_LARGE",
        body,
        `This connector accepts up to ${maxBytes} bytes.`,
      );
    if (body === "memory-full")
      return await refuseUnread(parts, request, reply, endpoint, "INGRESS_MEMORY_FULL", body, "Too much arrives at once; send it again.");
    return await take(parts, request, reply, endpoint, body);
  } finally {
    reservation?.release();
  }
}

/** What is refused whatever it says. */
function refuseUnread(
  parts: IngressParts,
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
  code: IngressCode,
  reason: string,
  detail: string,
): FastifyReply {
  const [startedAtMs, sender] = [parts.clock.now(), oneValueEach(request.headers)["traceparent"]];
  const trace = beginTrace(parts.tracing, sender, startedAtMs, false);
  tell(parts, { endpoint, trace, sender, startedAtMs }, { outcome: "rejected", code, reason });
  return refuse(parts, request, reply, code, reason, detail);
}

async function take(
  parts: IngressParts,
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
  body: Uint8Array,
): Promise<unknown> {
  const headers = oneValueEach(request.headers);
  const now = parts.clock.now();
  const trace = beginTrace(parts.tracing, headers["traceparent"], now, false);
  const taking: Taking = { endpoint, trace, sender: headers["traceparent"], startedAtMs: now };
  let ending: Promise<void> | undefined;
  const onTold = parts.onTold && ((told: ToldRecord) => void (ending = parts.onTold?.(endpoint.connection, told)));
  const interpretation = await interpretEvent(endpoint, { headers, body, trace }, new Date(now), onTold);
  await ending;
  if (interpretation.kind === "rejected") {
    tell(parts, taking, { outcome: "rejected", code: interpretation.code, reason: interpretation.reason });
    return refuse(parts, request, reply, interpretation.code, interpretation.reason, interpretation.detail);
  }
  if (interpretation.kind === "ignored") {
    parts.counters.add("ingress.ignored");
    tell(parts, taking, { outcome: "ignored" });
    return await reply.code(202).send({ outcome: "ignored", reason: `No flow listens to "${interpretation.type}".` });
  }
  if (interpretation.kind === "hint") return await takeHint(parts, request, reply, taking, interpretation);
  const { event } = interpretation;
  try {
    const hinted = event.hints === undefined ? undefined : withDeadline(noteHint(parts, endpoint, event.hints));
    const [stored] = await Promise.all([withDeadline(parts.commit.submit(endpoint.connection.id, event)), hinted]);
    const outcome = stored === "accepted" && event.messages.length === 0 ? "quarantined" : stored;
    parts.counters.add(`ingress.${outcome}`);
    tell(parts, taking, { outcome, event });
    return await reply.code(202).send({ outcome, event: event.keys[0] });
  } catch (error) {
    if (!isBelayError(error) || !(error.code in ingressErrors)) throw error;
    const [code, reason] = [error.code as IngressCode, error.code === "INGRESS_BUSY" ? "busy" : "unavailable"];
    tell(parts, taking, { outcome: "rejected", code, reason, event });
    return refuse(parts, request, reply, code, reason, error.message);
  }
}

/** Word of changes is on disk before it is acknowledged, as everything is: else a change might show a whole period later. */
async function takeHint(
  parts: IngressParts,
  request: FastifyRequest,
  reply: FastifyReply,
  taking: Taking,
  { id, syncs }: Extract<Interpretation, { readonly kind: "hint" }>,
): Promise<unknown> {
  try {
    await withDeadline(noteHint(parts, taking.endpoint, syncs));
  } catch (error) {
    if (!isBelayError(error)) throw error;
    tell(parts, taking, { outcome: "rejected", code: "INGRESS_UNAVAILABLE", reason: "unavailable" });
    return refuse(parts, request, reply, "INGRESS_UNAVAILABLE", "unavailable", error.message);
  }
  parts.counters.add("ingress.accepted");
  tell(parts, taking, { outcome: "accepted" });
  return await reply.code(202).send({ outcome: "accepted", event: id });
}

async function noteHint({ onHint }: IngressParts, endpoint: Endpoint, syncs: readonly string[]): Promise<void> {
  try {
    await onHint?.(endpoint, syncs);
  } catch (error) {
    throw new BelayError("INGRESS_UNAVAILABLE", "The event could not be stored now.", { retry: "backoff", cause: error });
  }
}

interface Taking {
  readonly endpoint: Endpoint;
  readonly trace: string;
  readonly sender: string | undefined;
  readonly startedAtMs: number;
}

interface Taken {
  readonly outcome: Receipt["outcome"];
  readonly code?: IngressCode;
  readonly reason?: string;
  /** Where it was believed. */
  readonly event?: InterpretedEvent;
}

/** Nothing is put together as long as nobody wants to be told. */
function tell(parts: IngressParts, { endpoint, trace, sender, startedAtMs }: Taking, { outcome, code, reason, event }: Taken): void {
  const { tenant, id: connection } = endpoint.connection;
  parts.onReceived?.({
    trace,
    sender,
    route: "/in/{endpoint}",
    tenant,
    connection,
    eventType: (event?.messages[0] ?? event?.quarantined[0])?.eventType,
    eventId: event?.keys[0],
    outcome,
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    quarantined: outcome === "accepted" || outcome === "quarantined" ? (event?.quarantined ?? []) : [],
    status: code === undefined ? 202 : ingressErrors[code].status,
    startedAtMs,
    endedAtMs: parts.clock.now(),
  });
}

/** The whole body, or why it is not read to its end. */
async function readBody(
  stream: Readable,
  maxBytes: number,
  announced: number,
  reservation: BodyReservation | undefined,
): Promise<Uint8Array | "too-large" | "memory-full"> {
  if (announced > maxBytes) return "too-large";
  return await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    stream.on("data", (chunk: Uint8Array) => {
      length += chunk.byteLength;
      const refused = length > maxBytes ? "too-large" : reservation?.cover(length) === false ? "memory-full" : undefined;
      if (refused === undefined) chunks.push(chunk);
      else {
        stream.removeAllListeners("data").pause();
        resolve(refused);
      }
    });
    stream.on("end", () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)));
    stream.on("error", reject);
    stream.on("close", () => {
      if (!stream.readableEnded) reject(new Error("The sender went away before its body was complete."));
    });
  });
}

/** It may still be stored after that; the sender sends again and is told that it is a duplicate. */
function withDeadline<T>(stored: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(
      () => reject(new BelayError("INGRESS_UNAVAILABLE", "The event could not be stored in time.", { retry: "backoff" })),
      longestCommitMs,
    );
    stored.then(resolve, reject).finally(() => clearTimeout(tooLate));
  });
}

function refuse(
  parts: IngressParts,
  request: FastifyRequest,
  reply: FastifyReply,
  code: IngressCode,
  reason: string,
  detail: string,
): FastifyReply {
  const { status, class: name, meaning } = ingressErrors[code];
  parts.counters.add("ingress.rejected");
  parts.counters.add(`ingress.rejected.${reason}`);
  // Spread, so that everybody who was refused does not return in the same second.
  if (status === 429 || status === 503) {
    const seconds = reason === "backlog-full" ? backlogRetrySeconds : 1;
    reply.header("retry-after", String(seconds + Math.floor(parts.random() * 5 * seconds)));
  }
  // What is left of its body is not waited for.
  const { "content-length": length = 0, "transfer-encoding": coding } = request.headers;
  if (!request.raw.complete && (coding !== undefined || Number(length) > smallBytes)) reply.header("connection", "close");
  return reply
    .code(status)
    .type("application/problem+json")
    .send({
      type: `urn:belay:error:${code}`,
      title: meaning,
      status,
      detail,
      code,
      class: name,
      owner: failureClasses[name].owner,
      instance: request.url,
    });
}

function oneValueEach(headers: FastifyRequest["headers"]): Record<string, string | undefined> {
  const result: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    result[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return result;
}
