import { defineConfig, defineConnector, Secret } from "@belay/sdk";

/** A tenant's connection to the far end, `BENCH_TARGET`. */
const provider = defineConnector({
  id: "provider",
  title: "Provider",
  baseUrl: "https://provider.example",
  auth: { kind: "bearer" },
  resources: {},
  limits: [{ requests: 10_000_000, per: "1m" }],
});

export default defineConfig({
  connectors: [provider],
  flows: [],
  connections: [
    {
      id: "acme",
      tenant: "acme",
      connector: "provider",
      baseUrl: process.env["BENCH_TARGET"] ?? "http://127.0.0.1:1",
      credential: { token: new Secret("bench-token-bench") },
    },
  ],
});
