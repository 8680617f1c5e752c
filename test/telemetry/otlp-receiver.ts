import { type Message, MockOtlpServer } from "@elastic/mockotlpserver";

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

/** Takes OTLP over HTTP: Elastic's receiver, of which this only keeps what it has read. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  const waiting = new Set<() => void>();
  const keep = <Each>(kept: Each[], read: (message: Record<string, unknown>) => readonly Each[]) => {
    return (message: Message): void => {
      kept.push(...read(message.toJSON()));
      for (const look of waiting) look();
    };
  };
  const server = new MockOtlpServer({
    logLevel: "warn",
    services: ["http"],
    httpHostname: "127.0.0.1",
    httpPort: 0,
    onTrace: keep(spans, readSpans),
    onLogs: keep(logs, readLogs),
    onRequest: (request) => headers.push(request.headers),
  });
  await server.start();
  return {
    url: server.httpUrl.origin,
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
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function readSpans(message: Record<string, unknown>): ReceivedSpan[] {
  return list(message["resourceSpans"]).flatMap((ofResource) => {
    const resource = toAttributes((ofResource["resource"] as Record<string, unknown> | undefined)?.["attributes"]);
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
        status: (span["status"] as { code?: string } | undefined)?.code ?? "STATUS_CODE_UNSET",
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
        severity: (line["severityText"] as string | undefined) ?? "",
        traceId: hex(line["traceId"]),
        attributes: toAttributes(line["attributes"]),
      })),
    ),
  );
}

function list(value: unknown): Record<string, unknown>[] {
  return (value ?? []) as Record<string, unknown>[];
}

function toAttributes(pairs: unknown): Record<string, unknown> {
  return Object.fromEntries(((pairs ?? []) as KeyValue[]).map(({ key, value }) => [key, toValue(value)]));
}

/** One of the alternatives is set. */
function toValue(value: KeyValue["value"]): unknown {
  const [[kind, first] = []] = Object.entries(value);
  return kind === "intValue" ? Number(first) : first;
}

/** Ids are bytes, which the message writes as base64; none is an empty text. */
function hex(bytes: unknown): string {
  return Buffer.from((bytes as string | undefined) ?? "", "base64").toString("hex");
}
