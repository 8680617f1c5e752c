import type { EndedRun, ExchangeReport, RunReport } from "../flow/index.ts";
import { parseTrace, type TraceContext } from "../telemetry/index.ts";
import { attributesOf, classOfRun, type Classify } from "./classify.ts";
import type { Span } from "./span.ts";

export interface RunParts {
  readonly newSpanId: () => string;
  /** Where a connection's calls go. */
  readonly addressOf: (connection: string) => { readonly host: string; readonly port: number } | undefined;
  readonly classify: Classify;
}

/** The spans of a run, if it is to be told: when it is sampled, failed, or had a call that failed. The run first. */
export function describeRun(run: EndedRun, parts: RunParts): Span[] {
  const trace = parseTrace(run.message.trace);
  if (trace === undefined || !isTold(run, trace)) return [];
  const spanId = run.report?.spanId ?? parts.newSpanId();
  const { report } = run;
  return [
    describeAttempt(run, trace, spanId, parts),
    ...(report === undefined ? [] : [...describeSteps(report, trace, spanId), ...describeCalls(report, trace, spanId, parts)]),
  ];
}

/** The same without putting anything together, for the hot path. */
export function isTold({ report, verdict }: EndedRun, trace: TraceContext): boolean {
  return report !== undefined || trace.sampled || "code" in verdict;
}

/**
 * The receipt of an event whose trace is not sampled: it was not told when it happened, and what failed now would hang in the air. Nothing is known of it but its
 * beginning. Absent when somebody told it before: the ingress of a sampled trace, or the first failure of a message that has failed before.
 */
export function describeMissedReceipt({ message }: EndedRun, trace: TraceContext): Span | undefined {
  if (trace.sampled || message.attempts > 0 || isReplayed(message)) return undefined;
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    name: "receive",
    kind: "server",
    startedAtMs: message.receivedAtMs,
    endedAtMs: message.receivedAtMs,
    attributes: {
      "belay.tenant": message.tenant,
      "belay.connection": message.connection,
      "belay.event.type": message.eventType,
      "belay.event.id": message.eventKey,
      "belay.outcome": "accepted",
    },
  };
}

function describeAttempt(run: EndedRun, trace: TraceContext, spanId: string, { classify }: RunParts): Span {
  const { message, target, verdict, report, startedAtMs, endedAtMs } = run;
  const error = "code" in verdict ? verdict.code : undefined;
  return {
    traceId: trace.traceId,
    spanId,
    parentId: trace.spanId,
    remoteParent: true,
    name: `run ${message.flow}`,
    kind: "consumer",
    startedAtMs,
    endedAtMs,
    attributes: {
      "belay.tenant": message.tenant,
      "belay.connection": message.connection,
      "belay.target": target,
      "belay.flow": message.flow,
      "belay.event.type": message.eventType,
      "belay.event.id": message.eventKey,
      "belay.message.id": message.id,
      "belay.attempt": message.attempts + 1,
      "belay.verdict": verdict.kind,
      "belay.waited_ms": Math.max(0, Math.round(startedAtMs - message.receivedAtMs)),
      ...(isReplayed(message) && { "belay.replayed": true }),
      ...(report?.omitted !== undefined && { "belay.calls_omitted": report.omitted.count }),
      ...(error !== undefined && { "error.type": error }),
      ...attributesOf(classOfRun(run, classify)),
    },
    error,
  };
}

function describeSteps({ steps }: RunReport, { traceId }: TraceContext, parentId: string): Span[] {
  return steps.map(({ name, spanId, startedAt, endedAt, code }) => ({
    traceId,
    spanId,
    parentId,
    name: `step ${name}`,
    kind: "internal",
    startedAtMs: startedAt,
    endedAtMs: endedAt,
    attributes: { "belay.step": name, ...(code !== undefined && { "error.type": code }) },
    error: code,
  }));
}

function describeCalls({ steps, exchanges }: RunReport, { traceId }: TraceContext, runId: string, { addressOf }: RunParts): Span[] {
  // A step that was left behind has no end, and so no span: its calls are the run's.
  const stepIds = new Map(steps.map(({ name, spanId }) => [name, spanId]));
  return exchanges.map((exchange) => describeCall(exchange, traceId, stepIds.get(exchange.step) ?? runId, addressOf));
}

function describeCall(exchange: ExchangeReport, traceId: string, parentId: string, addressOf: RunParts["addressOf"]): Span {
  const { connection: key, label, request, response, ok, startedAt, durationMs } = exchange;
  const connection = key.slice(key.indexOf("/") + 1);
  const address = addressOf(connection);
  const idempotencyKey = request.headers["idempotency-key"];
  const error = ok ? undefined : (exchange.error ?? String(response?.status ?? "UNKNOWN"));
  return {
    traceId,
    spanId: exchange.spanId,
    parentId,
    name: `${request.method} ${label}`,
    kind: "client",
    startedAtMs: startedAt,
    endedAtMs: startedAt + durationMs,
    attributes: {
      "belay.tenant": key.slice(0, key.indexOf("/")),
      "belay.connection": connection,
      "belay.operation": label,
      "http.request.method": request.method,
      ...(response !== undefined && { "http.response.status_code": response.status }),
      ...(address !== undefined && { "server.address": address.host, "server.port": address.port }),
      ...(idempotencyKey !== undefined && { "belay.idempotency_key": idempotencyKey }),
      ...(error !== undefined && { "error.type": error }),
    },
    error,
  };
}

/** A replayed letter begins anew, with the time of its replay, but remembers its first attempt. */
function isReplayed({ firstAttemptAtMs, receivedAtMs }: EndedRun["message"]): boolean {
  return firstAttemptAtMs !== null && firstAttemptAtMs < receivedAtMs;
}
