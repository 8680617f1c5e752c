import { type Connection, defineConfig, Secret } from "@belay/sdk";
import { endpointOf, forward, sink, source } from "../pipeline/belay.config.ts";

const target = process.env["BENCH_TARGET"] ?? "http://127.0.0.1:1";

/** What a tenant's sinks are called; the first part of the path says to the far end whose calls they are. */
export const sinkOf = (tenant: string, index: number): string => `sink-${tenant}-${index}`;

/** Connections of the tenant that has hundreds of them. */
export const manyConnections = 500;
export const equals = 10;

function sinks(tenant: string, count: number): Connection[] {
  return Array.from({ length: count }, (_, index) => ({
    id: sinkOf(tenant, index),
    tenant,
    connector: "sink",
    baseUrl: `${target}/${tenant}`,
    credential: { token: new Secret("bench-token") },
  }));
}

const quietSource: Connection = {
  id: "source-quiet",
  tenant: "quiet",
  connector: "source",
  endpoint: endpointOf(0),
  webhookSecrets: [new Secret("bench-secret-bench-secret")],
};

export default defineConfig({
  connectors: [source, sink],
  flows: [forward],
  connections: [
    quietSource,
    ...sinks("quiet", 1),
    ...sinks("noise-one", 1),
    ...sinks("noise-many", manyConnections),
    ...sinks("noise-backfill", 1),
    // Half of the equals have twenty connections, the others one.
    ...Array.from({ length: equals }, (_, index) => sinks(`equal-${index}`, index % 2 === 0 ? 20 : 1)).flat(),
  ],
});
