import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import type { EndedRun } from "../flow/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { newRun } from "./__fixtures__/runs.ts";
import { AttemptLog, type AttemptLogParts } from "./attempt-log.ts";
import { exchangeJobs } from "./jobs.ts";
import { readAttempts } from "./read-attempts.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const noFields = { ofCall: () => [], ofResults: () => [] };

describe.each(databases)("the log of attempts on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    await sql`truncate belay.attempt`.execute(database.db);
  });

  const newLog = (changes: Partial<AttemptLogParts> = {}): { log: AttemptLog; counters: Counters } => {
    const counters = new Counters();
    const parts = { db: database.db, cipher: vaultOf(database.db), personalFields: noFields, clock: systemClock, counters, logger: silent };
    return { log: new AttemptLog({ ...parts, ...changes }), counters };
  };
  const keep = async (runs: readonly EndedRun[], changes: Partial<AttemptLogParts> = {}): Promise<Counters> => {
    const { log, counters } = newLog(changes);
    for (const run of runs) log.add(run);
    await log.close();
    return counters;
  };
  const read = (message = 1): ReturnType<typeof readAttempts> => readAttempts(database.db, vaultOf(database.db), "acme", message);

  test("every attempt of a message that was tried again is kept, with why, when next, its steps and its exchanges", async () => {
    const failed = { kind: "retry", afterMs: 5_000, code: "HTTP_UNAVAILABLE", error: "desk.ticket.create: 503" } as const;
    await keep([
      newRun({ attempts: 0, verdict: failed, statuses: [503, 503], known: { find: "null" } }),
      newRun({ attempts: 1, verdict: { kind: "dead", code: "DESK_WRONG", error: "no" }, statuses: [422], startedAtMs: 1_800_000_005_000 }),
    ]);
    const [first, second, ...more] = await read();
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      attempt: 1,
      verdict: "retry",
      code: "HTTP_UNAVAILABLE",
      error: "desk.ticket.create: 503",
      startedAt: "2027-01-15T08:00:00.000Z",
      endedAt: "2027-01-15T08:00:00.120Z",
      nextAt: "2027-01-15T08:00:05.120Z",
      target: "acme-desk",
      known: { find: "null" },
      steps: [{ name: "create", code: "HTTP_UNAVAILABLE" }],
    });
    expect(first?.exchanges.map(({ response, request }) => [request.method, response?.status])).toEqual([
      ["POST", 503],
      ["POST", 503],
    ]);
    expect(second).toMatchObject({ attempt: 2, verdict: "dead", code: "DESK_WRONG", nextAt: null });
    expect(await read(2)).toEqual([]);
  });

  test("runs that nobody asked about are not kept; a thread that ended is, without a report", async () => {
    const counters = await keep([
      newRun({ statuses: undefined, verdict: { kind: "delivered", stepped: false } }),
      newRun({ statuses: undefined, verdict: { kind: "retry", afterMs: 1, code: "FLOW_THREAD_ENDED", error: "it hung" } }),
    ]);
    expect((await read()).map(({ code, exchanges }) => [code, exchanges])).toEqual([["FLOW_THREAD_ENDED", []]]);
    expect(counters.get("exchanges.written")).toBe(1);
  });

  test("no personal value reaches the database: named fields and what looks like an address become tokens, the same for the same value", async () => {
    const body = '{"contact":{"name":"Ada Lovelace","note":"ask ada@acme.example"}}';
    await keep(
      [
        newRun({
          statuses: [422],
          body,
          path: "/contacts/Ada%40acme.example",
          known: { find: body },
          headers: { "x-of": "ada@acme.example" },
        }),
      ],
      {
        personalFields: { ofCall: (label) => (label === "desk.ticket.create" ? ["contact.name"] : []), ofResults: () => ["contact.name"] },
      },
    );
    const [kept] = await read();
    const text = JSON.stringify(kept);
    expect(text).not.toMatch(/lovelace|acme\.example/i);
    const [exchange] = kept!.exchanges;
    const [, address] = /^\/contacts\/(\[email:[0-9a-f]{12}\])$/.exec(exchange!.request.path)!;
    expect(JSON.parse(exchange!.request.body!)).toEqual({
      contact: { name: expect.stringMatching(/^\[text:[0-9a-f]{12}\]$/), note: `ask ${address}` },
    });
    expect(exchange!.response?.headers["x-of"]).toBe(address);
    expect(JSON.parse(kept!.known!["find"]!)).toEqual(JSON.parse(exchange!.request.body!));
  });

  test("what does not fit in memory is left out and counted, what went well first", async () => {
    const { log, counters } = newLog({ maxBytes: 40_000 });
    const good = { kind: "delivered", stepped: false } as const;
    for (let id = 1; id <= 10; id += 1) log.add(newRun({ id, verdict: good, statuses: [200] }));
    for (let id = 11; id <= 20; id += 1) log.add(newRun({ id, statuses: [503] }));
    for (let id = 21; id <= 60; id += 1) log.add(newRun({ id, verdict: good, statuses: [200] }));
    await log.close();
    for (let id = 11; id <= 20; id += 1) expect(await read(id)).toHaveLength(1);
    const { rows } = await sql<{ kept: number }>`select count(*)::integer as kept from belay.attempt`.execute(database.db);
    expect(counters.get("exchanges.written")).toBe(rows[0]!.kept);
    expect(counters.get("exchanges.dropped")).toBe(60 - rows[0]!.kept);
    expect(counters.get("exchanges.dropped")).toBeGreaterThan(30);
  });

  test("a row that the database refuses is left out and costs no other", async () => {
    const counters = await keep([newRun({ id: 1 }), newRun({ id: 2, tenant: "nul\0" }), newRun({ id: 3 })]);
    expect([(await read(1)).length, (await read(3)).length]).toEqual([1, 1]);
    expect([counters.get("exchanges.written"), counters.get("exchanges.dropped")]).toEqual([2, 1]);
  });

  test("a text that is cut off in the middle, and a code that a flow made up, are kept as far as they can be", async () => {
    await keep([newRun({ body: '{"name":"A', verdict: { kind: "dead", code: "MINE\0\ud800", error: "x".repeat(5_000) } })]);
    const [kept] = await read();
    expect([kept?.code, kept?.error?.length, kept?.exchanges[0]?.request.body]).toEqual(["MINE\uFFFD\uFFFD", 2_000, '{"name":"A']);
  });

  test("days past their time are dropped, and the next week is prepared", async () => {
    await sql`create table belay.attempt_20200101 partition of belay.attempt for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`.execute(
      database.db,
    );
    await keep([newRun({ startedAtMs: Date.UTC(2020, 0, 1, 12) }), newRun({ startedAtMs: Date.now() })]);
    expect(await read()).toHaveLength(2);
    for (const { run } of exchangeJobs(database.db, { exchangesDays: 14 })) await run();
    expect(await read()).toHaveLength(1);
  });
});

test("attempts wait while the database does not answer, and are left out when Belay closes before it does", async () => {
  const counters = new Counters();
  const told: string[] = [];
  const db = {
    getExecutor: () => {
      throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
    },
  } as never;
  const logger = { ...silent, warn: (_facts: object, text: string) => told.push(text) };
  const log = new AttemptLog({ db, cipher: vaultOf(db), personalFields: noFields, clock: systemClock, counters, logger });
  log.add(newRun());
  await log.close();
  expect(counters.get("exchanges.dropped")).toBe(1);
  expect(told).toEqual([expect.stringContaining("tried again"), expect.stringContaining("left out")]);
});
