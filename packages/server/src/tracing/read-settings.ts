import { BelayError } from "@belay/sdk";
import { type Dsn, parseDsn } from "./sentry-dsn.ts";

/** Where telemetry goes. What is not given here is taken from the environment, under OpenTelemetry's and Sentry's own names. */
export interface TelemetryTargets {
  /** A collector that speaks OTLP over HTTP; `url` without `/v1/traces`. */
  readonly otlp?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  readonly sentry?: { readonly dsn: string; readonly environment?: string; readonly release?: string };
}

/** One signal that is sent. What is absent the exporter reads from the environment by itself. */
interface OtlpTarget {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Settings {
  readonly traces?: OtlpTarget;
  readonly logs?: OtlpTarget;
  readonly sentry?: { readonly dsn: Dsn; readonly environment?: string | undefined; readonly release?: string | undefined };
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What is switched on, and where it goes.
 *
 * @throws `TELEMETRY_TARGET_INVALID` for a URL or a DSN that is none, without its text: it holds a key.
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readSettings(targets: TelemetryTargets, environment: Environment): Settings {
  const disabled = environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true";
  const traces = disabled ? undefined : readOtlp(targets, environment, "traces");
  const logs = disabled ? undefined : readOtlp(targets, environment, "logs");
  const sentry = readSentry(targets, environment);
  return { ...(traces && { traces }), ...(logs && { logs }), ...(sentry && { sentry }) };
}

function readOtlp({ otlp }: TelemetryTargets, environment: Environment, signal: "traces" | "logs"): OtlpTarget | undefined {
  const name = signal.toUpperCase();
  if (environment[`OTEL_${name}_EXPORTER`] === "none") return undefined;
  if (otlp !== undefined) {
    if (!isHttpUrl(otlp.url)) throw invalid("telemetry.otlp.url", "write the collector's URL, such as http://localhost:4318.");
    return { url: `${otlp.url.replace(/\/+$/, "")}/v1/${signal}`, ...(otlp.headers && { headers: otlp.headers }) };
  }
  for (const variable of [`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`, "OTEL_EXPORTER_OTLP_ENDPOINT"]) {
    const url = environment[variable];
    if (url === undefined || url === "") continue;
    if (!isHttpUrl(url)) throw invalid(variable, "write the collector's URL, such as http://localhost:4318.");
    return {};
  }
  return undefined;
}

function readSentry({ sentry }: TelemetryTargets, environment: Environment): Settings["sentry"] {
  const text = sentry?.dsn ?? environment["SENTRY_DSN"];
  if (text === undefined || text === "") return undefined;
  const dsn = parseDsn(text);
  if (dsn === undefined)
    throw invalid(sentry === undefined ? "SENTRY_DSN" : "telemetry.sentry.dsn", "write https://<key>@<host>/<project>.");
  return {
    dsn,
    environment: sentry?.environment ?? environment["SENTRY_ENVIRONMENT"],
    release: sentry?.release ?? environment["SENTRY_RELEASE"],
  };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function invalid(field: string, remedy: string): BelayError {
  return new BelayError("TELEMETRY_TARGET_INVALID", `${field}: ${remedy}`);
}
