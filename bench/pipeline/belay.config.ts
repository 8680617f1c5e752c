import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

/** `BENCH_MAILBOXES` tenants with one source and one target each; all deliver to `BENCH_TARGET`. */
const mailboxes = Number(process.env["BENCH_MAILBOXES"] ?? 1);
const target = process.env["BENCH_TARGET"] ?? "http://127.0.0.1:1";

export const source = defineConnector({
  id: "source",
  title: "Source",
  baseUrl: "https://source.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1024 * 1024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    redeliveredFor: "1d",
    events: { "thing.changed": z.object({ id: z.string(), type: z.string(), entity: z.string(), sentAt: z.number(), filler: z.string() }) },
  },
});

export const sink = defineConnector({
  id: "sink",
  title: "Sink",
  baseUrl: "https://sink.example",
  auth: { kind: "bearer" },
  resources: {
    record: {
      path: "/records",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: {
        input: z.object({ entity: z.string(), sentAt: z.number(), filler: z.string() }),
        safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" },
      },
    },
  },
});

export const forward = defineFlow({
  id: "forward",
  on: source.events["thing.changed"],
  to: sink,
  orderKey: (event) => event.entity,
  async run({ event: { entity, sentAt, filler }, step, target: { record } }) {
    await step("create", () => record.create({ entity, sentAt, filler }));
  },
});

export const endpointOf = (index: number): string => `bench-endpoint-${String(index).padStart(4, "0")}`;

export const connections = Array.from({ length: mailboxes }, (_, index) => [
  {
    id: `source-${index}`,
    tenant: `tenant-${index}`,
    connector: "source",
    endpoint: endpointOf(index),
    webhookSecrets: [new Secret("bench-secret-bench-secret")],
  },
  { id: `sink-${index}`, tenant: `tenant-${index}`, connector: "sink", baseUrl: target, credential: { token: new Secret("bench-token") } },
]).flat();

export default defineConfig({ connectors: [source, sink], flows: [forward], connections });
