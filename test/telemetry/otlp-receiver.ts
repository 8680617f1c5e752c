import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const folder = fileURLToPath(new URL("fixtures/proto/", import.meta.url));

/** A span as it arrived, with the resource it came from. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  /** Ids of spans. */
  readonly links: readonly string[];
  readonly status: string;
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface ReceivedLog {
  readonly body: string;
  readonly severity: string;
  readonly traceId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  readonly logs: readonly ReceivedLog[];
  /** Headers of all requests. */
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** Resolves as soon as it holds; looks again at each request. */
  until(holds: () => boolean): Promise<void>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Takes OTLP over HTTP as a collector does. It knows of the format only what the official definitions say, read by a general decoder. `status`: its answer. */
export async function startOtlpReceiver(status = 200): Promise<OtlpReceiver> {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => `${folder}${target}`;
  await root.load(["trace", "logs"].map((signal) => `opentelemetry/proto/collector/${signal}/v1/${signal}_service.proto`));
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const headers: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();

  const receive = (path: string, body: Uint8Array): string => {
    const signal = path === "/v1/traces" ? "Trace" : "Logs";
    const type = root.lookupType(`opentelemetry.proto.collector.${signal.toLowerCase()}.v1.Export${signal}ServiceRequest`);
    const message = type.toObject(type.decode(body), { longs: String, enums: String, bytes: String, defaults: true, arrays: true });
    if (signal === "Trace") spans.push(...readSpans(message));
    else logs.push(...readLogs(message));
    return `opentelemetry.proto.collector.${signal.toLowerCase()}.v1.Export${signal}ServiceResponse`;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    headers.push(request.headers);
    if (status !== 200) {
      response.writeHead(status).end();
    } else {
      const answerType = root.lookupType(receive(request.url ?? "", Buffer.concat(chunks)));
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end(answerType.encode({}).finish());
    }
    for (const look of waiting) look();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    logs,
    headers,
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

function readSpans(message: Record<string, unknown>): ReceivedSpan[] {
  return list(message["resourceSpans"]).flatMap((ofResource) => {
    const resource = toAttributes((ofResource["resource"] as Record<string, unknown>)["attributes"]);
    return list(ofResource["scopeSpans"]).flatMap((ofScope) =>
      list(ofScope["spans"]).map((span) => ({
        traceId: hex(span["traceId"]),
        spanId: hex(span["spanId"]),
        parentSpanId: hex(span["parentSpanId"]),
        name: String(span["name"]),
        kind: String(span["kind"]),
        start: BigInt(String(span["startTimeUnixNano"])),
        end: BigInt(String(span["endTimeUnixNano"])),
        attributes: toAttributes(span["attributes"]),
        events: list(span["events"]).map(({ name }) => String(name)),
        links: list(span["links"]).map(({ spanId }) => hex(spanId)),
        status: (span["status"] as { code?: string } | null)?.code ?? "STATUS_CODE_UNSET",
        resource,
      })),
    );
  });
}

function readLogs(message: Record<string, unknown>): ReceivedLog[] {
  return list(message["resourceLogs"]).flatMap((ofResource) =>
    list(ofResource["scopeLogs"]).flatMap((ofScope) =>
      list(ofScope["logRecords"]).map((line) => ({
        body: String(toValue(line["body"] as KeyValue["value"])),
        severity: String(line["severityText"]),
        traceId: hex(line["traceId"]),
        attributes: toAttributes(line["attributes"]),
      })),
    ),
  );
}

function list(value: unknown): Record<string, unknown>[] {
  return value as Record<string, unknown>[];
}

function toAttributes(pairs: unknown): Record<string, unknown> {
  return Object.fromEntries((pairs as KeyValue[]).map(({ key, value }) => [key, toValue(value)]));
}

/** One of the alternatives is set. */
function toValue(value: KeyValue["value"]): unknown {
  const [[kind, first] = []] = Object.entries(value);
  return kind === "intValue" ? Number(first) : first;
}

function hex(bytes: unknown): string {
  return Buffer.from(String(bytes), "base64").toString("hex");
}
