import { z } from "zod";
import type { Connection } from "../../config/define-config.ts";
import { defineConnector } from "../../connector/define-connector.ts";
import { Secret } from "../../secret.ts";
import type { ClientPorts } from "../client/create-client.ts";
import { createMemoryBreaker } from "../memory-breaker.ts";
import { createMemoryBudget } from "../memory-budget.ts";
import { createNetwork } from "../network.ts";
import type { Network } from "../network.ts";
import { ManualClock } from "./manual-clock.ts";

/** A provider with every kind of write safety and every shape of body. */
export const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://{subdomain}.desk.example",
  auth: { kind: "bearer" },
  errors: [
    { status: 422, contains: "duplicate", code: "DESK_DUPLICATE", class: "record-refused", retry: "never", meaning: "The ticket exists." },
    {
      status: 500,
      contains: "maintenance",
      code: "DESK_MAINTENANCE",
      class: "provider-unavailable",
      retry: { afterMs: 60_000 },
      meaning: "Planned downtime.",
    },
  ],
  resources: {
    /** The provider knows no key. */
    ticket: {
      path: "/api/tickets",
      id: "id",
      wrap: { one: "ticket", many: "tickets" },
      schema: z.object({ id: z.number(), subject: z.string(), externalId: z.string().nullish() }),
      create: {
        input: z.object({ subject: z.string().min(1), externalId: z.string().optional() }),
        safety: { kind: "readBack", readBack: { by: "externalId", lag: "3s" } },
      },
      get: {},
      update: { input: z.object({ subject: z.string() }), method: "PUT", safety: { kind: "natural" } },
      find: { by: ["externalId"], style: { kind: "query" } },
    },
    /** The provider remembers keys for a day. */
    charge: {
      path: "/v1/charges",
      id: "id",
      schema: z.object({ id: z.string(), reference: z.string() }),
      create: {
        input: z.object({ reference: z.string(), amount: z.number() }),
        safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d", readBack: { by: "reference" } },
      },
      find: { by: ["reference"], style: { kind: "query" } },
      wrap: { many: "data" },
    },
    /** Fields in a member of their own, found by path. */
    contact: {
      path: "/objects/contacts",
      id: "id",
      fieldsIn: "properties",
      query: { properties: "email,name" },
      schema: z.object({ id: z.string(), properties: z.object({ email: z.string(), name: z.string().nullish() }) }),
      create: {
        input: z.object({ email: z.string(), name: z.string().optional() }),
        safety: { kind: "readBack", readBack: { by: "email" } },
      },
      get: {},
      update: { input: z.object({ name: z.string() }), method: "PATCH", safety: { kind: "readBack", readBack: { by: "email" } } },
      find: { by: ["email"], style: { kind: "path", parameter: "idProperty" } },
    },
  },
});

export const token = "s3cret-token-value";

export function connectionTo(baseUrl: string): Connection {
  return { id: "acme-desk", tenant: "acme", connector: "desk", baseUrl, credential: { token: new Secret(token) } };
}

export interface TestPorts extends ClientPorts, AsyncDisposable {
  readonly clock: ManualClock;
  readonly network: Network;
}

/** Ports whose pauses take no time and whose attempts (10 s) time out when the clock is advanced. */
export function testPorts(changes: Partial<ClientPorts> = {}): TestPorts {
  const network = createNetwork();
  return {
    random: () => 0.5,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    ...changes,
    clock: new ManualClock(10_000),
    network,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
