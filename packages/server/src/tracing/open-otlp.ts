import { randomUUID } from "node:crypto";
import { type HrTime, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as traceApi, TraceFlags } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { scopeName } from "./attributes.ts";
import type { LogLine } from "./log-line.ts";
import type { Settings } from "./read-settings.ts";
import type { Span } from "./span.ts";
import { watched } from "./watched-exporter.ts";

export interface Otlp {
  readonly sendSpan?: (span: Span) => void;
  readonly sendLog?: (line: LogLine) => void;
  /** Sends what waits. Resolves also when nobody takes it. */
  close(): Promise<void>;
}

/** Told when sending begins to fail, and when it works again. */
export type OnDelivery = (signal: "traces" | "logs", error: Error | undefined) => void;

/** What may wait to be sent, of each signal; above that the newest are dropped. About 4 MB. */
const maxQueueSize = 4_096;
const maxExportBatchSize = 512;
const scheduledDelayMillis = 1_000;
/** Of one sending with its repeats. */
const timeoutMillis = 5_000;

/** Opens what sends traces and log lines to a collector, in batches. Only loaded when it is switched on: the packages behind it take a while. */
export function openOtlp({ traces, logs }: Settings, onDelivery: OnDelivery): Otlp {
  const resource = resourceFromAttributes({ "service.name": "belay", "service.instance.id": randomUUID() }).merge(
    detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
  );
  const limits = { maxQueueSize, maxExportBatchSize, scheduledDelayMillis, exportTimeoutMillis: timeoutMillis * 2 };
  const closers: (() => Promise<void>)[] = [];
  let sendSpan: Otlp["sendSpan"];
  let sendLog: Otlp["sendLog"];
  if (traces !== undefined) {
    const exporter = watched(new OTLPTraceExporter({ ...traces, timeoutMillis }), (error) => onDelivery("traces", error));
    const processor = new BatchSpanProcessor({ exporter, ...limits });
    sendSpan = (span) => processor.onEnd(toReadable(span, resource));
    closers.push(() => processor.shutdown());
  }
  if (logs !== undefined) {
    const exporter = watched(new OTLPLogExporter({ ...logs, timeoutMillis }), (error) => onDelivery("logs", error));
    const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter, ...limits })] });
    const logger = provider.getLogger(scopeName);
    sendLog = ({ atMs, severity, body, attributes, trace }) =>
      logger.emit({
        timestamp: atMs,
        severityNumber: severity.number,
        severityText: severity.text,
        body,
        attributes: { ...attributes },
        ...(trace !== undefined && { context: traceApi.setSpanContext(ROOT_CONTEXT, toContext(trace.traceId, trace.spanId, false)) }),
      });
    closers.push(() => provider.shutdown());
  }
  return {
    ...(sendSpan && { sendSpan }),
    ...(sendLog && { sendLog }),
    // That nobody took it has been said to `onDelivery`.
    close: async () => void (await Promise.allSettled(closers.map((close) => close()))),
  };
}

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** All of them are marked as sampled: what is not to be told does not come here, and failures are told also where the flag says no. */
function toContext(traceId: string, spanId: string, isRemote: boolean): ReturnType<ReadableSpan["spanContext"]> {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote };
}

function toReadable(span: Span, resource: Resource): ReadableSpan {
  const context = toContext(span.traceId, span.spanId, false);
  const { parentId, remoteParent = false, link, error } = span;
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(parentId !== undefined && { parentSpanContext: toContext(span.traceId, parentId, remoteParent) }),
    startTime: toHrTime(span.startedAtMs),
    endTime: toHrTime(span.endedAtMs),
    duration: toHrTime(span.endedAtMs - span.startedAtMs),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: span.attributes,
    links: link === undefined ? [] : [{ context: toContext(link.traceId, link.spanId, true) }],
    events: (span.events ?? []).map(({ name, atMs }) => ({ name, time: toHrTime(atMs) })),
    ended: true,
    resource,
    instrumentationScope: { name: scopeName },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}
