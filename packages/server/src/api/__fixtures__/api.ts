import { defineConfig, defineConnector, defineEvents, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { buildCatalog, type GrowingCatalog } from "../../catalog/index.ts";
import type { Database } from "../../db/index.ts";
import { GroupCommit, replayWith } from "../../ingress/index.ts";
import { commitMessages, type NewDeadLetter, type NewMessage, sealWork } from "../../mailbox/index.ts";
import { openMeasures } from "../../measures/index.ts";
import { ReferenceWriter } from "../../references/index.ts";
import { Counters, systemClock } from "../../telemetry/index.ts";
import { createServer } from "../create-server.ts";
import { registerApi } from "../routes.ts";
import { accessOf } from "../../../../../test/setup/access.ts";
import { connectingOf } from "../../../../../test/setup/connecting.ts";
import { vaultOf } from "../../../../../test/setup/vault.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
export const adminToken = "the-token-of-the-administrator";

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 10_000,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { sold: z.looseObject({ id: z.string() }) },
  },
});

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: {
    entry: {
      path: "/entries",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({ text: z.string() }), safety: { kind: "natural" } },
    },
  },
  errors: [
    {
      status: 422,
      code: "LEDGER_CLOSED",
      class: "record-refused",
      retry: "never",
      meaning: "The month is closed. Open it, or book in the next.",
    },
  ],
});

const app = defineEvents({
  "contact.changed": z.object({ id: z.string(), email: z.email(), phone: z.string().optional() }),
  "contact.seen": z.object({ id: z.string() }),
});

/** A host application, a shop whose sales are booked, and a tenant without a ledger. */
export const catalog: GrowingCatalog = buildCatalog(
  defineConfig({
    connectors: [shop, ledger],
    events: app,
    flows: [
      defineFlow({ id: "sell", on: shop.events.sold, to: ledger, run: async () => {} }),
      defineFlow({
        id: "contacts",
        on: app["contact.changed"],
        to: ledger,
        orderKey: ({ id }) => id,
        references: { email: "email", phone: ({ phone }) => phone },
        run: async () => {},
      }),
    ],
    connections: [
      {
        id: "acme-shop",
        tenant: "acme",
        connector: "shop",
        endpoint: "shop-of-acme-0123",
        webhookSecrets: [new Secret("a-secret-that-no-answer-has")],
      },
      { id: "acme-ledger", tenant: "acme", connector: "ledger", credential: { token: new Secret("a-token-that-no-answer-has") } },
      { id: "globex-shop", tenant: "globex", connector: "shop" },
    ],
  }),
);

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Api extends AsyncDisposable {
  readonly get: (url: string) => Promise<Answer>;
  readonly post: (url: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
}

/** The server with the API on a database. */
export function openServer(database: Database): FastifyInstance {
  const connecting = connectingOf(database, catalog);
  const counters = new Counters();
  const server = createServer(silent);
  server.addHook("onClose", async () => await connecting[Symbol.asyncDispose]());
  const references = new ReferenceWriter(vaultOf(database.db));
  registerApi(server, {
    database,
    cipher: vaultOf(database.db),
    catalog,
    connecting: connecting.parts,
    credentials: connecting.credentials,
    commit: new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {}, references }),
    references,
    clock: systemClock,
    counters,
    measures: openMeasures({
      db: database.db,
      clock: systemClock,
      random: Math.random,
      logger: silent,
      counters,
      connectorOf: () => undefined,
    }),
    traffic: { sync: () => Promise.resolve() },
    tracing: { random: () => 0.5, sampleShare: 0 },
    access: accessOf(database.db, adminToken),
    replay: replayWith(catalog, { cipher: vaultOf(database.db), references, clock: systemClock }),
    threats: () => [],
    onReady: () => {},
    onCommitted: () => {},
  });
  return server;
}

/** The API on a database, called without a socket and with the token. */
export function openApi(database: Database): Api {
  const server = openServer(database);
  const call = async (
    method: "GET" | "POST",
    url: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const answer = await server.inject({
      method,
      url,
      headers: { authorization: `Bearer ${adminToken}`, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  return {
    get: async (url) => await call("GET", url),
    post: async (url, body, headers) => await call("POST", url, body, headers),
    [Symbol.asyncDispose]: async () => await server.close(),
  };
}

/** A sale that waits to be booked. */
export function sale<Over extends Partial<NewDeadLetter>>(over?: Over): NewMessage & Over {
  return {
    tenant: "acme",
    target: "acme-ledger",
    lane: "event",
    orderKey: "k",
    flow: "sell",
    connection: "acme-shop",
    eventKey: "e-1",
    eventType: "sold",
    version: null,
    payload: new TextEncoder().encode('{"id":"e-1","type":"sold"}'),
    trace: null,
    ...over,
  } as NewMessage & Over;
}

/** Puts messages and dead letters in, in this order, each in a commit of its own. */
export async function store(
  { db }: Database,
  ...all: readonly (NewMessage & Partial<Pick<NewDeadLetter, "code" | "error">>)[]
): Promise<void> {
  for (const one of all) {
    const { code, error = "" } = one;
    const work = code === undefined ? { messages: [one], quarantined: [] } : { messages: [], quarantined: [{ ...one, code, error }] };
    const sealed = await sealWork(vaultOf(db), [work]);
    await db.transaction().execute((tx) => commitMessages(tx, sealed));
  }
}
