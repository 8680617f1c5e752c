import { authorize, BelayError, type Connection, isBelayError } from "@belay/sdk";
import { type Attempt, type ClientPorts, type Method, Operation, type OutboundRequest, type Streaming, type Write } from "@belay/sdk/http";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../telemetry/index.ts";
import type { CredentialSource } from "./book-credentials.ts";
import type { OpenConnection } from "./open-connections.ts";
import { ResponseSink } from "./answer-sink.ts";
import { requestHeaders } from "./headers.ts";
import type { ProxyOptions } from "./options.ts";
import { readPath } from "./read-path.ts";
import { refuseCall } from "./refuse-call.ts";
import { type RequestBody, takeBody } from "./request-body.ts";

/** A call that has ended. */
export interface EndedCall {
  readonly connection: Connection;
  /** On whose behalf it was made, as it stands in the audit log. */
  readonly actor: string;
  readonly attempts: readonly Attempt[];
  /** The code of Belay's refusal; `undefined` when the provider's answer was passed on. */
  readonly refusal: string | undefined;
  /** The last attempt was answered with a success. */
  readonly ok: boolean;
}

export interface ProxyParts {
  /** What the pipelines of all connections share. */
  readonly ports: Omit<ClientPorts, "credentials" | "allowPrivateHost">;
  readonly logger: Logger;
  readonly options: Required<ProxyOptions>;
  /** Who has the connections' credentials. */
  readonly book: CredentialSource;
  /** Connections of callers whose request may take longer to arrive than the server lets others: it is watched here whether they stand still. */
  readonly streaming: WeakSet<Socket>;
  /** Whether a connection is paused: then it is not called. Default: none is. */
  readonly isPaused?: (connection: Connection) => boolean;
  /** Told of each call. Must be quick. */
  readonly onEnd: (call: EndedCall) => void;
}

export interface Caller {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly actor: string;
}

/** The caller went away: nobody waits for the answer. */
const gone = new BelayError("HTTP_ABORTED", "The caller went away.", { retry: "never", details: { sent: true } });

/** Makes one call and answers it. Never rejects: whatever comes of it is an answer, or the end of the caller's connection. */
export async function callProvider(parts: ProxyParts, connection: Connection, open: () => OpenConnection, caller: Caller): Promise<void> {
  const { request, response } = caller;
  const attempts: Attempt[] = [];
  const abort = new AbortController();
  // Also after an answer, when there is nothing left to abort.
  response.once("close", () => abort.abort(gone));
  let refusal: string | undefined;
  let ok = false;
  try {
    const opened = open();
    const path = readPath(request.url ?? "");
    const prepared = opened.credentials.prepare();
    if (prepared !== undefined) await prepared;
    const taken = takeBody(request, parts.options.maxRequestBytes);
    const body = taken instanceof Promise ? await taken : taken;
    if (body.kind === "flows") parts.streaming.add(request.socket);
    const sink = new ResponseSink(request, response, attempts, hideCredential(opened));
    const answer = await opened.send(toOutbound(parts, opened, { ...caller, path, body, sink, signal: abort.signal, attempts }));
    ok = answer.status < 400;
    if (answer.streamedBytes === undefined) sink.giveWhole(answer);
  } catch (error) {
    const known = isBelayError(error) ? error : unforeseen(parts.logger, error);
    refusal = known.code;
    refuseCall(response, known);
  }
  parts.streaming.delete(request.socket);
  parts.onEnd({ connection, actor: caller.actor, attempts, refusal, ok });
}

interface Prepared extends Caller {
  readonly path: string;
  readonly body: RequestBody;
  readonly sink: ResponseSink;
  readonly signal: AbortSignal;
  readonly attempts: Attempt[];
}

function toOutbound(parts: ProxyParts, { base, connector, safetyOf }: OpenConnection, call: Prepared): OutboundRequest {
  const { request, path, body, sink, signal, attempts } = call;
  // Fastify has routed it by this method.
  const method = request.method as Method;
  const { traceparent } = request.headers;
  const stream: Streaming = {
    sink,
    maxSourceBytes: parts.options.maxRequestBytes,
    ...(body.kind === "flows" && { source: body.source }),
    moved: 0,
    begun: false,
  };
  const headers = requestHeaders(request.headers, method === "GET" || method === "HEAD");
  const length = request.headers["content-length"];
  if (body.kind === "flows" && length !== undefined) headers["content-length"] = length;
  return {
    label: `${connector.id}.proxy`,
    method,
    path: `${base.path}${path}`,
    headers,
    body: body.kind === "held" ? body.bytes : undefined,
    stream,
    write: writeOf(method, path, request, safetyOf),
    absentOn404: true,
    operation: new Operation({
      key: "",
      suspect: false,
      leaseCheck: () => undefined,
      onAttempt: (attempt) => attempts.push(attempt),
      signal,
      deadlineAt: Number.POSITIVE_INFINITY,
      ...(typeof traceparent === "string" && { traceparent }),
    }),
    signal,
    deadlineAt: Number.POSITIVE_INFINITY,
  };
}

/** What makes it a write. It is repeated only with a key of the caller's, who alone knows when two requests mean the same. */
function writeOf(method: Method, path: string, { headers }: IncomingMessage, safetyOf: OpenConnection["safetyOf"]): Write | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  const key = headers["idempotency-key"];
  if (typeof key !== "string") return { key: randomUUID(), safety: { kind: "once" } };
  const [plain = path] = path.split("?");
  const safety = safetyOf(method, plain);
  // Nobody looks a record up for the caller.
  return { key, safety: safety.kind === "key" || safety.kind === "natural" ? safety : { kind: "once" } };
}

/** A credential in the query comes back in redirects to a tidier path, and in links to the next page; the caller is not to have it. */
function hideCredential({ connector, credentials }: OpenConnection): (address: string) => string {
  return (address) => {
    const values = Object.values(authorize(connector.auth, credentials.current()).query).filter((value) => value !== "");
    return values
      .flatMap((value) => [value, encodeURIComponent(value)])
      .reduce((left, value) => left.replaceAll(value, "[secret]"), address);
  };
}

function unforeseen(logger: Logger, error: unknown): BelayError {
  logger.error({ error }, "A proxied call failed.");
  return new BelayError("API_FAILED", "The call met an error that nobody foresaw; it is in the log.", { cause: error });
}
