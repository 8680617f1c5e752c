import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { z } from "zod";
import { endpointOf, source } from "../pipeline/belay.config.ts";
import { connectionsInAll, counted, countedBy } from "./counted.ts";

const target = process.env["BENCH_TARGET"] ?? "http://127.0.0.1:1";

const connectors = counted.map(({ connector, scope, counts, requests, perMs }) =>
  defineConnector({
    id: connector,
    title: connector,
    baseUrl: "https://limited.example",
    auth: { kind: "bearer" },
    limits: [{ scope, counts, requests, per: `${perMs / 1_000}s` }],
    resources: {
      record: {
        path: "/records",
        id: "id",
        schema: z.object({ id: z.string() }),
        create: { input: z.object({ entity: z.string() }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
      },
    },
  }),
);

const flows = connectors.map((connector) =>
  defineFlow({
    id: `to-${connector.id}`,
    on: source.events["thing.changed"],
    to: connector,
    orderKey: (event) => event.id,
    async run({ event: { entity }, target: { record } }) {
      await record.create({ entity });
    },
  }),
);

const connections = Array.from({ length: connectionsInAll }, (_, index) => [
  {
    id: `source-${index}`,
    tenant: `tenant-${index}`,
    connector: "source",
    endpoint: endpointOf(index),
    webhookSecrets: [new Secret("bench-secret-bench-secret")],
  },
  {
    id: `limited-${index}`,
    tenant: `tenant-${index}`,
    connector: countedBy(index).connector,
    baseUrl: `${target}/${index}`,
    credential: { token: new Secret("bench-token") },
  },
]).flat();

export default defineConfig({ connectors: [source, ...connectors], flows, connections });
