import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { type CacheBook, type LookUp, openCache } from "../cache/index.ts";
import type { Database } from "../db/index.ts";
import { defaultRetryPolicy, type Verdict } from "../mailbox/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { lease, messageTo } from "./__fixtures__/messages.ts";
import { ThreadPool } from "./thread-pool.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
let asked: string[] = [];
let lookedUp: LookUp[] = [];
let provider: Server;
let database: Database;
let cache: CacheBook;
let pool: ThreadPool;

beforeAll(async () => {
  provider = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end('{"id":"1"}'));
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  process.env["BELAY_TEST_TARGET"] = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  database = await openFreshPostgres();
  const { db } = database;
  const onLookUp = (_asked: unknown, how: LookUp): void => void lookedUp.push(how);
  cache = openCache({ db, cipher: vaultOf(db), clock: systemClock, logger: silent, onLookUp, watchEveryMs: 0 });
  pool = new ThreadPool({
    configUrl: new URL("__fixtures__/belay.config.ts", import.meta.url).href,
    clock: systemClock,
    random: () => 0.5,
    logger: silent,
    counters: new Counters(),
    retry: defaultRetryPolicy,
    recordStep: () => Promise.resolve(),
    cache,
    threads: 2,
  });
  await pool.start();
  // The first look-up of a resource is not kept.
  await run("look up");
});
afterAll(async () => {
  await pool.close();
  await cache.close();
  await database.close();
  provider.closeAllConnections();
  provider.close();
});
beforeEach(() => {
  asked = [];
  lookedUp = [];
});

async function run(what: string): Promise<Verdict> {
  const leased = pool.open(lease, Date.now() + 60_000);
  const verdict = await leased.run(messageTo(what, { name: "a" }));
  leased.close();
  return verdict;
}

test("runs share what one of them was answered, and what they look up at once is one call", async () => {
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => run("look up")));
  expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(["delivered"]));
  expect(asked).toEqual(["GET /notes/1"]);
  expect(lookedUp.filter((how) => how === "miss")).toHaveLength(1);
  await run("look up");
  expect(asked).toHaveLength(1);
  expect(lookedUp).toHaveLength(51);
});

test("a run that writes is not answered from before, nor is one that begins when it has ended", async () => {
  await run("look up");
  asked = [];
  await run("create and look up");
  expect(asked).toEqual(["POST /notes", "GET /notes/1"]);
  await run("look up");
  expect(asked).toHaveLength(2);
});
