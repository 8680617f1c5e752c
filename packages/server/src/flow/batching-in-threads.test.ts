import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultRetryPolicy } from "../mailbox/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { lease, messageTo } from "./__fixtures__/messages.ts";
import type { CallCounts } from "./call-tally.ts";
import { type EndedRun, ThreadPool } from "./thread-pool.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

interface Item {
  readonly name: string;
  readonly key: string;
}

/** The items of each call that the provider got. */
const received: Item[][] = [];
const ended: EndedRun[] = [];
const calls: CallCounts[] = [];
let provider: Server;
let pool: ThreadPool;

beforeAll(async () => {
  provider = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const items = JSON.parse(Buffer.concat(chunks).toString()) as Item[];
      received.push(items);
      const outcomes = items.map(({ name }) => (name === "bad" ? { status: 422, why: "bad" } : { status: 201, id: name }));
      response.writeHead(207, { "content-type": "application/json" }).end(JSON.stringify(outcomes));
    });
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
    recordStep: () => Promise.resolve(),
    onRunEnd: (run) => void ended.push(run),
    onCalls: (report) => void calls.push(...report.calls),
  });
  await pool.start();
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});

test("writes of several messages go as one call; the bad one alone dies, and is shown its own item; the call counts once", async () => {
  const leased = pool.open(lease, Date.now() + 60_000);
  const messages = ["a", "bad", "c"].map((name) => messageTo("write a card", { name }));
  const verdicts = await Promise.all(messages.map((message) => leased.run(message)));
  expect(verdicts).toMatchObject([{ kind: "delivered" }, { kind: "dead", code: "HTTP_REFUSED" }, { kind: "delivered" }]);
  expect(received.map((items) => items.map(({ name }) => name))).toEqual([["a", "bad", "c"]]);
  expect(new Set(received.flat().map(({ key }) => key)).size).toBe(3);

  const dead = ended.find(({ verdict }) => verdict.kind === "dead");
  const [exchange] = dead?.report?.exchanges ?? [];
  expect(exchange).toMatchObject({ label: "target.card.createMany", ok: true, response: { status: 207 } });
  expect(JSON.parse(exchange?.request.body ?? "")).toMatchObject([{ name: "bad" }]);
  // The letter that is the credential is gone from it.
  expect(JSON.parse(exchange?.response?.body ?? "").map((outcome: object) => Object.values(outcome))).toEqual([[422, "bad"]]);

  // Attempted again the item keeps its key.
  const [, bad] = messages;
  await leased.run({ ...bad!, attempts: 1, suspect: true });
  expect(received[1]).toEqual([received[0]?.[1]]);
  leased.close();

  // What was counted is told at the latest when the thread ends.
  await pool.close();
  const counted = calls.filter(({ endpoint }) => endpoint === "target.card.createMany").map(({ outcomes }) => outcomes.get("207") ?? 0);
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(received.length);
});
