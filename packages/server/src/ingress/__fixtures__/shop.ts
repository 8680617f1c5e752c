import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { z } from "zod";
import { createServer } from "../../api/index.ts";
import { buildCatalog, type Catalog } from "../../catalog/index.ts";
import type { Db } from "../../db/index.ts";
import { Counters, systemClock } from "../../telemetry/index.ts";
import { GroupCommit, type GroupCommitOptions } from "../group-commit.ts";
import { BodyMemory } from "../body-memory.ts";
import { type IngressParts, registerIngress } from "../routes.ts";
import { vaultOf } from "../../../../../test/setup/vault.ts";

export const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

const scheme = hmacSignature({ header: "x-signature" });
const secret = new Secret("a-secret-of-the-shop");
const order = z.object({
  id: z.union([z.string(), z.number()]),
  order: z.unknown(),
  at: z.unknown().optional(),
  note: z.unknown().optional(),
});

/** Ids in a header that the signature does not cover, types in another; large bodies. */
const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme,
    maxBytes: 3_000_000,
    id: { header: "x-delivery", signed: false },
    type: { header: "x-type" },
    redeliveredFor: "1h",
    events: { "order.placed": order, "order.loose": z.unknown(), "nobody.listens": z.unknown() },
  },
});

/** Ids and types in the body; small bodies. */
const till = defineConnector({
  id: "till",
  title: "Till",
  baseUrl: "https://till.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme,
    maxBytes: 2_000,
    id: { body: "id", signed: true },
    type: { body: "event.type" },
    events: { sold: z.looseObject({}) },
  },
});

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: {},
});
const run = async (): Promise<void> => {};

const config = defineConfig({
  connectors: [shop, till, ledger],
  flows: [
    defineFlow({
      id: "book",
      on: shop.events["order.placed"],
      to: ledger,
      orderKey: ({ order: key }) => key as string,
      version: ({ at }) => (at === undefined ? 0 : (at as number)),
      run,
    }),
    defineFlow({ id: "count", on: [shop.events["order.placed"], shop.events["order.loose"]], to: ledger, run }),
    defineFlow({ id: "sell", on: till.events.sold, to: ledger, run }),
  ],
  connections: [
    { id: "acme-shop", tenant: "acme", connector: "shop", endpoint: "shop-of-acme-0123", webhookSecrets: [secret] },
    { id: "acme-till", tenant: "acme", connector: "till", endpoint: "till-of-acme-0123", webhookSecrets: [secret] },
    { id: "acme-ledger", tenant: "acme", connector: "ledger", credential: { token: new Secret("t") } },
  ],
});

export const catalog: Catalog = buildCatalog(config);

export interface Ingress {
  readonly server: FastifyInstance;
  readonly counters: Counters;
  readonly commit: GroupCommit;
}

export function startIngress(
  db: Db,
  options: Partial<GroupCommitOptions> = {},
  { refusal, memory = new BodyMemory() }: Partial<Pick<IngressParts, "refusal" | "memory">> = {},
): Ingress {
  const counters = new Counters();
  const server = createServer(silent);
  const commit = new GroupCommit(db, vaultOf(db), silent, { notify: false, onCommit: () => {}, ...options });
  registerIngress(server, {
    catalog,
    commit,
    clock: systemClock,
    counters,
    random: () => 0.5,
    tracing: { random: () => 0.5, sampleShare: 0 },
    memory,
    refusal,
  });
  return { server, counters, commit };
}

/** Headers with the signature that the shop and the till would send along. */
export function sign(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return {
    "content-type": "application/json",
    "x-delivery": "d-1",
    "x-type": "order.placed",
    ...scheme.sign(bytes, secret, new Date(), ""),
    ...headers,
  };
}

/** How many rows there are of everything that ingress writes. */
export async function countStored(db: Db): Promise<Record<string, number>> {
  const { rows } = await sql<Record<string, number>>`
    select (select count(*)::integer from belay.mailbox) as mailboxes, (select count(*)::integer from belay.message) as messages,
      (select count(*)::integer from belay.dead_letter) as "deadLetters", (select count(*)::integer from belay.dedupe) as keys,
      (select count(*)::integer from belay.blob) as blobs`.execute(db);
  return rows[0]!;
}

export const nothing = { mailboxes: 0, messages: 0, deadLetters: 0, keys: 0, blobs: 0 };

export async function empty(db: Db): Promise<void> {
  for (const table of ["mailbox", "message", "block", "blob", "dead_letter", "dedupe"])
    await sql`delete from ${sql.table(`belay.${table}`)}`.execute(db);
}
