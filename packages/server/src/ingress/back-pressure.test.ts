import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { catalog, countStored, empty, type Ingress, nothing, sign, startIngress } from "./__fixtures__/shop.ts";
import { BodyMemory } from "./body-memory.ts";
import { emitEvent } from "./emit-event.ts";
import { systemClock } from "../telemetry/index.ts";

const url = "/in/shop-of-acme-0123";
const good = '{"id":"o-1","order":"A"}';

describe("an ingress that has enough", () => {
  let database: Database;
  let ingress: Ingress | undefined;
  beforeAll(async () => {
    database = await openFreshPostgres();
    return () => database.close();
  });
  beforeEach(() => empty(database.db));
  afterEach(() => ingress?.server.close());

  test.each([
    ["tenant", 429, "INGRESS_TENANT_BACKLOG_FULL"],
    ["installation", 503, "INGRESS_BACKLOG_FULL"],
  ] as const)("refuses a webhook when too much waits (%s), says when to come back, and stores nothing", async (refusal, status, code) => {
    ingress = startIngress(database.db, {}, { refusal: (tenant) => (tenant === "acme" ? refusal : undefined) });
    const answer = await ingress.server.inject({ method: "POST", url, headers: sign(good), payload: good });
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { code, class: "overload", owner: "operator" }]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(30);
    expect(await countStored(database.db)).toEqual(nothing);
    const emitted = { tenant: "acme", type: "none", id: "1", data: {}, trace: "" };
    const parts = { catalog, commit: ingress.commit, clock: systemClock, refusal: () => refusal };
    // An event of the host application that nobody listens to is not refused for what waits.
    await expect(emitEvent(parts, emitted)).rejects.toMatchObject({ code: "INGRESS_EVENT_UNKNOWN" });
  });

  test("takes bodies only as long as there is memory for those that arrive, and has it back when they are through", async () => {
    ingress = startIngress(database.db, {}, { memory: new BodyMemory(100_000) });
    await ingress.server.listen({ port: 0, host: "127.0.0.1" });
    const { port } = ingress.server.server.address() as AddressInfo;
    const head = (length: number): string =>
      `POST ${url} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nx-signature: ${"0".repeat(64)}\r\ncontent-length: ${length}\r\n\r\n`;
    const slow: Socket = connect(port, "127.0.0.1");
    slow.write(`${head(80_000)}{`);
    const counters = ingress.counters;
    while (counters.get("ingress.received") < 1) await systemClock.sleep(5);
    const second = connect(port, "127.0.0.1");
    second.write(head(80_000));
    const [answer] = (await once(second, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 503 [^]*retry-after: \d+[^]*INGRESS_MEMORY_FULL/i);
    second.destroy();
    slow.destroy();
    const large = JSON.stringify({ id: "o-2", order: "A", note: "x".repeat(70_000) });
    for (;;) {
      const again = await ingress.server.inject({ method: "POST", url, headers: sign(large), payload: large });
      if (again.statusCode === 202) break;
      expect(again.statusCode).toBe(503);
      await systemClock.sleep(5);
    }
  });

  test("a body that hides its length has to fit into the memory as well", () => {
    const memory = new BodyMemory(100);
    const one = memory.reserve(60);
    expect([one?.cover(80), one?.cover(120), memory.reserve(30)]).toEqual([true, false, undefined]);
    one?.release();
    one?.release();
    expect(memory.reserve(100)).toBeDefined();
  });
});
