import type { Environment } from "./read-settings.ts";

const defaultShare = 0.01;

/**
 * The share of events that are traced although nothing failed: as given, else by OpenTelemetry's own environment variables, else 0.01.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ OTEL_TRACES_SAMPLER
 */
export function readSampleShare(given: number | undefined, environment: Environment): number {
  if (given !== undefined) return given;
  const sampler = environment["OTEL_TRACES_SAMPLER"]?.replace(/^parentbased_/, "");
  if (sampler === "always_on") return 1;
  if (sampler === "always_off") return 0;
  if (sampler !== "traceidratio") return defaultShare;
  const share = Number(environment["OTEL_TRACES_SAMPLER_ARG"] ?? 1);
  return share >= 0 && share <= 1 ? share : defaultShare;
}
