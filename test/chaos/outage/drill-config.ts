import { hmacSignature } from "@belay/sdk/webhook";
import { type Config, defineConfig, defineConnector, defineFlow, type Schema, Secret } from "@belay/sdk";

export interface Made {
  readonly connection: string;
  readonly key: string;
  readonly sequence: number;
}

const anything = <Value>(): Schema<Value> => ({
  "~standard": { version: 1, vendor: "belay-chaos", validate: (value) => ({ value: value as Value }) },
});

export interface DrillSize {
  readonly connections: number;
  readonly tenants: number;
  /** What the provider allows in a second, all connections together. */
  readonly allowedPerSecond: number;
}

export const tenantOf = (connection: number, { tenants }: DrillSize): string => `t${connection % tenants}`;

/** One provider that everybody writes to, under one limit. */
export function drillConfig(url: string, size: DrillSize): Config {
  const provider = defineConnector({
    id: "drill-provider",
    title: "Provider of the outage drill",
    baseUrl: "https://provider.invalid",
    auth: { kind: "bearer" },
    limits: [{ scope: "app", requests: size.allowedPerSecond, per: "1s" }],
    resources: {
      record: {
        path: "/records",
        id: "id",
        schema: anything<{ id: string }>(),
        create: { input: anything<Made>(), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
      },
    },
    webhooks: {
      scheme: hmacSignature({ header: "x-drill-signature", prefix: "sha256=" }),
      maxBytes: 1_024,
      id: { body: "id", signed: true },
      type: { body: "type" },
      events: { made: anything<Made>() },
    },
  });
  const write = defineFlow({
    id: "write",
    on: provider.events.made,
    to: provider,
    orderKey: ({ key }) => key,
    run: async ({ event, target }) => void (await target.record.create(event)),
  });
  return defineConfig({
    connectors: [provider],
    flows: [write],
    connections: Array.from({ length: size.connections }, (_, index) => ({
      id: `c${index}`,
      tenant: tenantOf(index, size),
      connector: provider.id,
      baseUrl: url,
      credential: { token: new Secret("drill") },
    })),
  });
}
