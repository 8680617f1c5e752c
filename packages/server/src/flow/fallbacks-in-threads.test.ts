import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryLastKnown } from "@belay/sdk/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultRetryPolicy, type StepRecord, type Verdict } from "../mailbox/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { lease, messageTo } from "./__fixtures__/messages.ts";
import { ThreadPool } from "./thread-pool.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
/** What the provider answers from now on; 0 drops the connection. */
let status = 200;
let asked = 0;
let provider: Server;
let pool: ThreadPool;
const recorded: StepRecord[] = [];

beforeAll(async () => {
  provider = createServer((request, response) => {
    asked += 1;
    request.resume();
    request.on("end", () => response.writeHead(status, { "content-type": "application/json" }).end('{"id":"1"}'));
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  process.env["BELAY_TEST_TARGET"] = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  pool = new ThreadPool({
    configUrl: new URL("__fixtures__/belay.config.ts", import.meta.url).href,
    clock: systemClock,
    random: () => 0.5,
    logger: silent,
    counters: new Counters(),
    retry: defaultRetryPolicy,
    recordStep: (record) => {
      recorded.push(record);
      return Promise.resolve();
    },
    lastKnown: createMemoryLastKnown(systemClock),
  });
  await pool.start();
});
afterAll(async () => {
  await pool.close();
  provider.closeAllConnections();
  provider.close();
});

async function run(what: string): Promise<Verdict> {
  const leased = pool.open(lease, Date.now() + 60_000);
  const verdict = await leased.run(messageTo(what, { name: "a" }));
  leased.close();
  return verdict;
}

const lastResult = (): unknown => JSON.parse(recorded.at(-1)?.result ?? "null");

test("in a thread, too, the three kinds of fallback behave as they are declared when the provider is down", async () => {
  expect(await run("read or fall back")).toMatchObject({ kind: "delivered" });
  expect(lastResult()).toEqual({ value: { id: "1" }, stale: false });

  status = 503;
  expect(await run("read or fall back")).toMatchObject({ kind: "delivered" });
  expect(lastResult()).toEqual({ value: { id: "1" }, stale: true, ageMs: expect.any(Number) });

  // Until its breaker is open: from then on nothing is asked.
  while (asked < 20) {
    const before = asked;
    expect(await run("read or fall back")).toMatchObject({ kind: "delivered" });
    if (asked === before) break;
  }
  const askedUntilOpen = asked;
  expect(await run("write or queue")).toMatchObject({ kind: "wait", why: "HTTP_CIRCUIT_OPEN" });
  expect(await run("write or go another way")).toMatchObject({ kind: "delivered" });
  expect(lastResult()).toBe("FALLBACK_UNAVAILABLE");
  expect(await run("write")).toMatchObject({ kind: "wait", why: "HTTP_CIRCUIT_OPEN" });
  expect(asked).toBe(askedUntilOpen);
});
