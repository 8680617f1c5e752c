/**
 * What Belay runs in the crash harness: one source of signed webhooks and three targets that differ in how a repeated write can be told from a
 * new one. `CHAOS_TARGET` is the target's URL, `CHAOS_TENANTS` how many tenants there are.
 *
 * @module
 */
import { type Connection, defineBatch, defineConfig, defineConnector, defineFlow, listing, type Schema, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { endpointOf, type SourceEvent, webhookSecret } from "./crash/source-event.ts";

const eventSchema: Schema<SourceEvent> = {
  "~standard": {
    version: 1,
    vendor: "belay-chaos",
    validate: (value) => (isEvent(value) ? { value } : { issues: [{ message: "is not an event of the crash harness" }] }),
  },
};

/** The harness judges what arrives at the target by a checker of its own: here anything will do. */
const anything: Schema<Record<string, unknown>> = {
  "~standard": { version: 1, vendor: "belay-chaos", validate: (value) => ({ value: value as Record<string, unknown> }) },
};

export const signature = hmacSignature({ header: "x-chaos-signature", prefix: "sha256=" });

const source = defineConnector({
  id: "chaos-source",
  title: "Source of events",
  baseUrl: "http://source.invalid",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: signature,
    maxBytes: 64 * 1024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { ledger: eventSchema, registry: eventSchema, board: eventSchema },
  },
});

const ledger = defineConnector({
  id: "chaos-ledger",
  title: "Target that honours idempotency keys",
  baseUrl: "http://target.invalid",
  auth: { kind: "bearer" },
  resources: {
    entry: {
      path: "/entries",
      id: "id",
      schema: anything,
      create: { input: anything, safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
    },
  },
});

const registry = defineConnector({
  id: "chaos-registry",
  title: "Target that knows no keys and can be asked",
  baseUrl: "http://target.invalid",
  auth: { kind: "bearer" },
  resources: {
    item: {
      path: "/items",
      id: "id",
      schema: anything,
      create: { input: anything, safety: { kind: "readBack", readBack: { by: "reference" } } },
      find: { by: ["reference"], style: { kind: "query" } },
    },
  },
});

const board = defineConnector({
  id: "chaos-board",
  title: "Target whose records are overwritten",
  baseUrl: "http://target.invalid",
  auth: { kind: "bearer" },
  resources: {
    card: {
      path: "/cards",
      id: "id",
      schema: anything,
      wrap: { many: "cards" },
      list: { paging: { kind: "cursor", parameter: "after", next: "next" } },
      update: { input: anything, method: "PUT", safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
    },
  },
});

/** Two effects, so that a run can be killed between its steps. */
const toLedger = defineFlow({
  id: "to-ledger",
  on: source.events.ledger,
  to: ledger,
  orderKey: ({ key }) => key,
  run: async ({ event: { key, sequence }, step, target }) => {
    await step("first", () => target.entry.create({ key, sequence, part: 1 }));
    await step("second", () => target.entry.create({ key, sequence, part: 2 }));
  },
});

const toRegistry = defineFlow({
  id: "to-registry",
  on: source.events.registry,
  to: registry,
  orderKey: ({ key }) => key,
  run: async ({ event: { id, key, sequence }, step, target }) => {
    await step("create", () => target.item.create({ reference: id, key, sequence, part: 1 }));
  },
});

const toBoard = defineFlow({
  id: "to-board",
  on: source.events.board,
  to: board,
  orderKey: ({ key }) => key,
  version: ({ sequence }) => sequence,
  run: async ({ event: { key, sequence }, step, target }) => {
    await step("update", () => target.card.update(key, { key, sequence, part: 1 }));
  },
});

interface NumberPages {
  readonly items: number;
  readonly pageSize: number;
}

/** As many numbers as a run is asked for: what a page holds follows from its place. */
const numbers = defineBatch({
  id: "numbers",
  to: ledger,
  over: ({ cursor, input }) => {
    const { items, pageSize } = input as NumberPages;
    const from = typeof cursor === "number" ? cursor : 0;
    const to = Math.min(items, from + pageSize);
    const page = Array.from({ length: to - from }, (_, index) => from + index);
    return Promise.resolve({ items: page, total: items, ...(to < items && { next: to }) });
  },
  run: async ({ item, step, target }) => {
    await step("book", () => target.entry.create({ key: `number-${item}`, sequence: item, part: 1 }));
  },
});

/** The same of what a provider lists. */
const listed = defineBatch({
  id: "listed",
  to: ledger,
  over: listing(board.card),
  run: async ({ item: { id }, step, target }) => {
    await step("book", () => target.entry.create({ key: `number-${String(id)}`, sequence: Number(id), part: 1 }));
  },
});

const target = process.env["CHAOS_TARGET"] ?? "http://127.0.0.1:9";
const tenants = Number(process.env["CHAOS_TENANTS"] ?? 1);

function connectionsOf(tenant: string): Connection[] {
  const credential = { token: new Secret("chaos") };
  const targets = [ledger, registry, board].map(({ id }) => ({
    id: `${id}-${tenant}`,
    tenant,
    connector: id,
    baseUrl: `${target}/${id}`,
    credential,
  }));
  const endpoint = endpointOf(tenant);
  return [{ id: `source-${tenant}`, tenant, connector: source.id, endpoint, webhookSecrets: [new Secret(webhookSecret)] }, ...targets];
}

export default defineConfig({
  connectors: [source, ledger, registry, board],
  flows: [toLedger, toRegistry, toBoard],
  batches: [numbers, listed],
  connections: Array.from({ length: tenants }, (_, index) => connectionsOf(`t${index}`)).flat(),
});

function isEvent(value: unknown): value is SourceEvent {
  return typeof value === "object" && value !== null && "key" in value && typeof value.key === "string" && "sequence" in value;
}
