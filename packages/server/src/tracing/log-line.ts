import { describeThrown } from "./describe-thrown.ts";
import type { SpanAttributes } from "./attributes.ts";
import { type Logger, parseTrace, scrubText, type TraceContext } from "../telemetry/index.ts";

export type Level = keyof Logger;

/** One line of the log, for a collector. */
export interface LogLine {
  readonly atMs: number;
  readonly severity: { readonly text: string; readonly number: number };
  /** The sentence. */
  readonly body: string;
  readonly attributes: SpanAttributes & Readonly<Record<`belay.fact.${string}`, string | number | boolean>>;
  readonly trace: TraceContext | undefined;
}

/** @see https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const severities = {
  debug: { text: "DEBUG", number: 5 },
  info: { text: "INFO", number: 9 },
  warn: { text: "WARN", number: 13 },
  error: { text: "ERROR", number: 17 },
} as const satisfies Readonly<Record<Level, LogLine["severity"]>>;

const known: Readonly<Record<string, keyof SpanAttributes>> = {
  tenant: "belay.tenant",
  connection: "belay.connection",
  message: "belay.message.id",
  flow: "belay.flow",
  code: "error.type",
};

/** A line of the log with its facts as attributes. Of an error it holds the kind and the place, never the text: a driver or a flow may have put anything in it. */
export function toLogLine(level: Level, facts: object, body: string, atMs: number): LogLine {
  const attributes: Record<string, string | number | boolean> = {};
  let trace: TraceContext | undefined;
  for (const [name, value] of Object.entries(facts)) {
    if (name === "trace") trace = parseTrace(typeof value === "string" ? value : undefined);
    else if (value instanceof Error) {
      const { type, code, frames } = describeThrown(value);
      attributes["exception.type"] = type;
      if (code !== undefined) attributes["error.type"] = code;
      attributes["exception.stacktrace"] = frames.map(({ line }) => line).join("\n");
    } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      attributes[known[name] ?? `belay.fact.${name}`] = typeof value === "string" ? scrubText(value) : value;
    else if (Array.isArray(value))
      attributes[`belay.fact.${name}`] = value
        .filter((item) => typeof item === "string")
        .map(scrubText)
        .join(",");
  }
  return { atMs, severity: severities[level], body: scrubText(body), attributes, trace };
}
