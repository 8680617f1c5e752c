import { expect, test } from "vitest";
import { readSampleShare } from "./read-sample-share.ts";
import { readSettings } from "./read-settings.ts";

const url = "http://collector.example:4318";

test("nothing is on unless it is set up", () => {
  expect(readSettings({}, {})).toEqual({});
  expect(readSettings({}, { OTEL_EXPORTER_OTLP_ENDPOINT: "", SENTRY_DSN: "" })).toEqual({});
});

test("options say where traces and log lines go", () => {
  const headers = { authorization: "canary" };
  expect(readSettings({ otlp: { url: `${url}/`, headers } }, {})).toEqual({
    traces: { url: `${url}/v1/traces`, headers },
    logs: { url: `${url}/v1/logs`, headers },
  });
});

test.each<[Record<string, string>, string[]]>([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: url }, ["traces", "logs"]],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }, ["traces"]],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${url}/v1/logs` }, ["logs"]],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_LOGS_EXPORTER: "none" }, ["traces"]],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: "true" }, []],
])("the environment %o switches on %j", (environment, signals) => {
  expect(Object.keys(readSettings({}, environment))).toEqual(signals);
});

test("a DSN is read as the protocol has it", () => {
  const { sentry } = readSettings({}, { SENTRY_DSN: "https://key@errors.example:8443/sub/path/42", SENTRY_RELEASE: "1.2" });
  expect(sentry?.dsn).toEqual({ envelopeUrl: "https://errors.example:8443/sub/path/api/42/envelope/", publicKey: "key" });
  expect(sentry?.release).toBe("1.2");
});

test.each([
  [{ otlp: { url: "canary" } }, {}, "telemetry.otlp.url"],
  [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: "canary:4318" }, "OTEL_EXPORTER_OTLP_ENDPOINT"],
  [{ sentry: { dsn: "https://canary.example/42" } }, {}, "telemetry.sentry.dsn"],
  [{}, { SENTRY_DSN: "https://canary@errors.example" }, "SENTRY_DSN"],
])("a target that is none is refused without being shown: %o %o", (targets, environment, name) => {
  const refusal = expect.objectContaining({ code: "TELEMETRY_TARGET_INVALID", message: expect.not.stringContaining("canary") as string });
  expect(() => readSettings(targets, environment)).toThrow(refusal as Error);
  expect(() => readSettings(targets, environment)).toThrow(name);
});

test.each<[number | undefined, Record<string, string>, number]>([
  [undefined, {}, 0.01],
  [0.5, { OTEL_TRACES_SAMPLER: "always_on" }, 0.5],
  [undefined, { OTEL_TRACES_SAMPLER: "always_on" }, 1],
  [undefined, { OTEL_TRACES_SAMPLER: "parentbased_always_off" }, 0],
  [undefined, { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.2" }, 0.2],
  [undefined, { OTEL_TRACES_SAMPLER: "traceidratio" }, 1],
  [undefined, { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "many" }, 0.01],
])("given %s and %o the share is %s", (given, environment, share) => {
  expect(readSampleShare(given, environment)).toBe(share);
});
