import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connection } from "@belay/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildCatalog, CatalogInForce, loadConfig } from "../../packages/server/src/catalog/index.ts";
import { openProcesses, type Processes } from "./processes.ts";
import { TokenLedger } from "./token-ledger.ts";
import { newLease, newMessage } from "../setup/new-message.ts";
import { defaultRetryPolicy, type LeasedRunner } from "../../packages/server/src/mailbox/index.ts";
import { Counters, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { connectionSource, ThreadPool } from "../../packages/server/src/flow/index.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const configUrl = new URL("connected.config.ts", import.meta.url).href;
const minuteMs = 60_000;

/** A provider that takes notes from whoever has the token of the day. */
let provider: Server;
let accepted = "";
let calls: string[] = [];
beforeAll(async () => {
  provider = createServer((request: IncomingMessage, response) => {
    const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
    calls.push(token);
    request.resume();
    request.on("end", () => {
      response.writeHead(token === accepted ? 201 : 401, { "content-type": "application/json" });
      response.end(token === accepted ? '{"id":"1"}' : '{"error":"expired"}');
    });
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});

let ledger: TokenLedger;
let world: Processes;
let catalog: CatalogInForce;
let pool: ThreadPool;
let runner: LeasedRunner;
let acme: Connection;
let ids = 0;

beforeEach(async () => {
  calls = [];
  world = await openProcesses(1, (clock) => (ledger = new TokenLedger(clock.now)));
  acme = { id: "acme-desk", tenant: "acme", connector: "desk", baseUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}` };
  catalog = new CatalogInForce(buildCatalog(await loadConfig(configUrl)));
  catalog.put(acme);
  pool = new ThreadPool({
    configUrl,
    clock: world.clock,
    random: () => 0.5,
    logger: silent,
    counters: new Counters(),
    retry: defaultRetryPolicy,
    recordStep: () => Promise.resolve(),
    connections: connectionSource(catalog, world.all[0]!.book),
  });
  await pool.start();
  const lease = newLease({ mailbox: "acme-desk/event", connection: acme.id });
  runner = pool.open(lease, systemClock.now() + 365 * 86_400_000);
  await connect();
});
afterEach(async () => {
  runner.close();
  await pool.close();
  await world[Symbol.asyncDispose]();
});

async function connect(): Promise<void> {
  const fields = ledger.consent(acme.id);
  accepted = fields.accessToken.reveal();
  const grant = { fields, expiresAtMs: world.clock.now() + 10 * minuteMs, refreshExpiresAtMs: null, scopes: undefined };
  await world.all[0]!.book.store(acme, grant, { actor: "jane" });
}

function run(): ReturnType<LeasedRunner["run"]> {
  ids += 1;
  const message = newMessage({ id: ids, mailbox: "acme-desk/event", payload: '{"name":"a note"}', receivedAtMs: world.clock.now() });
  return runner.run(message);
}

test("a flow writes to a connection that was made at run time, with the credential that it has by then", async () => {
  expect(await run()).toMatchObject({ kind: "delivered" });
  await world.clock.move(11 * minuteMs);
  accepted = "acme-desk-access-1";
  expect(await run()).toMatchObject({ kind: "delivered" });
  expect(calls).toEqual(["acme-desk-access-0", "acme-desk-access-1"]);
});

test("ten runs whose token the provider has ended meet 401, and all go on with one renewed token", async () => {
  expect(await run()).toMatchObject({ kind: "delivered" });
  accepted = "acme-desk-access-1";
  const verdicts = await Promise.all(Array.from({ length: 10 }, run));
  expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(["delivered"]));
  expect(ledger.arrived).toBe(1);
});

test("a run whose account has to be connected again does not begin; connected again, it goes on", async () => {
  ledger.revoke(acme.id);
  await world.clock.move(11 * minuteMs);
  const why = { kind: "wait", why: "OAUTH_GRANT_ENDED", begun: false };
  expect(await run()).toMatchObject(why);
  expect(await run()).toMatchObject(why);
  expect(calls).toEqual([]);
  await connect();
  expect(await run()).toMatchObject({ kind: "delivered" });
});

test("a write that finds out in the middle that the account was ended is an attempt that failed for it, not one that is repeated", async () => {
  ledger.revoke(acme.id);
  accepted = "another";
  expect(await run()).toMatchObject({ kind: "retry", code: "OAUTH_GRANT_ENDED" });
  expect(calls).toEqual(["acme-desk-access-0"]);
});

test("a provider that refuses what it granted just now is not asked for another grant with every run", async () => {
  accepted = "never given";
  await Promise.all(Array.from({ length: 5 }, run));
  expect(await run()).toMatchObject({ kind: "retry", code: "HTTP_UNAUTHORIZED" });
  expect(ledger.arrived).toBe(1);
});

test("an address that was changed is the one that is called from then on", async () => {
  expect(await run()).toMatchObject({ kind: "delivered" });
  catalog.put({ ...acme, baseUrl: "http://127.0.0.1:1" });
  expect(await run()).toMatchObject({ kind: "retry", code: "HTTP_CONNECT_FAILED" });
});

test("a connection that is gone is not used any more", async () => {
  expect(await run()).toMatchObject({ kind: "delivered" });
  catalog.remove(acme.id);
  expect(await run()).toMatchObject({ kind: "retry", code: "FLOW_UNKNOWN" });
  expect(calls).toHaveLength(1);
});
