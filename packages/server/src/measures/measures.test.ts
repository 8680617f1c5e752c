import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { commitMessages, type NewMessage, sealWork } from "../mailbox/index.ts";
import { Counters, type Receipt } from "../telemetry/index.ts";
import { type Measures, openMeasures } from "./index.ts";
import type { MeasuresOptions } from "./types.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe.each(databases)("measures on $name", ({ open }) => {
  let database: Database;
  /** The beginning of an hour that is not the running one. */
  const start = Math.floor(Date.now() / hourMs) * hourMs - 3 * hourMs;
  let now = start;
  const clock = { now: () => now, sleep: () => Promise.resolve() };

  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    now = start;
    await sql`truncate belay.measure, belay.message, belay.mailbox`.execute(database.db);
  });

  const openOne = (options: Partial<MeasuresOptions> = {}, db = database.db): Measures =>
    openMeasures({ db, clock, random: Math.random, logger: silent, counters: new Counters(), connectorOf: (id) => id, options });
  const receive = (measures: Measures, tookMs: number, over: Partial<Receipt> = {}): void =>
    measures.received({
      trace: "",
      route: "/in/{endpoint}",
      tenant: "acme",
      connection: "shop",
      outcome: "accepted",
      quarantined: [],
      status: 202,
      startedAtMs: now - tookMs,
      endedAtMs: now,
      ...over,
    });
  const span = { from: start, to: start + 3 * hourMs };

  test("what several processes counted in the same minute is added up, however often each wrote it", async () => {
    const [one, two] = [openOne(), openOne()];
    for (let index = 1; index <= 50; index += 1) {
      receive(one, index);
      receive(two, 50 + index);
      if (index % 20 === 0) await Promise.all([one.write(), two.write()]);
    }
    receive(one, 1, { outcome: "rejected", code: "INGRESS_SIGNATURE_WRONG", reason: "wrong-signature" });
    await Promise.all([one.write(), two.write(), one.write()]);
    const { series, resolution } = await one.read({ ...span, step: "1m" });
    expect(resolution).toBe("minute");
    expect(series).toMatchObject([
      {
        kind: "ingest",
        tenant: "acme",
        connection: "shop",
        endpoint: "shop.webhooks",
        counts: { received: 101, accepted: 100, rejected: 1, "rejected.wrong-signature": 1 },
        successRate: 100 / 101,
        lag: null,
        points: [{ at: start, counts: { received: 101 } }],
      },
    ]);
    const { latency } = series[0]!;
    expect(latency).toMatchObject({ count: 101, max: 100 });
    expect(latency!.p50).toBeCloseTo(50, -0.5);
    expect(Math.abs(latency!.p99 - 99)).toBeLessThanOrEqual(1);
  });

  test("what could not be written goes with the next, minutes that ended meanwhile too", async () => {
    let away = true;
    const plain = database.db;
    const flaky = new Proxy(plain, {
      get: (target, name) => {
        if (name === "getExecutor" && away) throw new Error("The database is away.");
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const measures = openOne({}, flaky);
    receive(measures, 5);
    await measures.write();
    now += minuteMs;
    receive(measures, 5);
    receive(measures, 5);
    await measures.write();
    away = false;
    await measures.write();
    const { series } = await measures.read({ ...span, step: "1m" });
    expect(series[0]!.points.map(({ at, counts }) => [at, counts["received"]])).toEqual([
      [start, 1],
      [start + minuteMs, 2],
    ]);
  });

  test("hours are merged from minutes, once or twice alike, and an hour that runs is read from its minutes", async () => {
    const [one, two] = [openOne(), openOne()];
    for (const at of [0, 10, 59, 61, 125]) {
      now = start + at * minuteMs;
      receive(one, at);
      receive(two, at);
    }
    await Promise.all([one.write(), two.write()]);
    const [job] = one.jobs;
    await job!.run();
    const late = openOne();
    now = start + 61 * minuteMs;
    receive(late, 61);
    await late.write();
    now = start + 126 * minuteMs;
    await job!.run();
    const { rows } = await sql<{ hours: number }>`select count(*)::integer as hours from belay.measure where step = 'hour'`.execute(
      database.db,
    );
    expect(rows).toEqual([{ hours: 2 }]);
    const { series, resolution } = await one.read({ ...span, step: "1h" });
    expect(resolution).toBe("hour");
    expect(series[0]!.points.map(({ at, counts, latency }) => [at, counts["received"], latency!.max])).toEqual([
      [start, 6, 59],
      [start + hourMs, 3, 61],
      [start + 2 * hourMs, 2, 125],
    ]);
    expect(series[0]!.counts["received"]).toBe(11);
  });

  test("minutes and hours past their time are deleted, and a span that begins before the minutes is read by hours", async () => {
    const measures = openOne({ minuteDays: 1 / 24, hourDays: 1 });
    receive(measures, 1);
    now = start + 90 * minuteMs;
    receive(measures, 1);
    await measures.write();
    await measures.jobs[0]!.run();
    // The database's clock is the machine's: both minutes are more than an hour old by it.
    const { rows } = await sql<{ step: string }>`select step from belay.measure`.execute(database.db);
    expect(rows).toEqual([{ step: "hour" }]);
    const { resolution, series } = await measures.read({ from: start - hourMs, to: start + hourMs });
    expect([resolution, series[0]!.counts["received"]]).toEqual(["hour", 1]);
  });

  test("filters by tenant, kind, connection, flow and endpoint", async () => {
    const measures = openOne();
    receive(measures, 1);
    receive(measures, 1, { tenant: "globex", connection: "desk" });
    const attempts = { outcomes: new Map([["201", 2]]), durations: new Map([[7, 2]]), ok: 2 };
    measures.called({
      calls: [{ tenant: "globex", connection: "desk", flow: "f", endpoint: "desk.ticket.create", ...attempts }],
      opened: ["globex/desk"],
    });
    await measures.write();
    const found = async (query: Parameters<Measures["read"]>[0]): Promise<string[]> =>
      (await measures.read({ ...span, ...query })).series.map(({ tenant, kind, endpoint }) => `${tenant} ${kind} ${endpoint}`).toSorted();
    expect(await found({ tenant: "acme" })).toEqual(["acme ingest shop.webhooks"]);
    expect(await found({ kind: "call" })).toEqual(["globex call ", "globex call desk.ticket.create"]);
    expect(await found({ endpoint: "desk.ticket.create", connection: "desk", flow: "f" })).toEqual(["globex call desk.ticket.create"]);
    expect(await found({ tenant: "nobody" })).toEqual([]);
  });

  test("what waits is counted, and how long the first has waited", async () => {
    const message: NewMessage = {
      tenant: "acme",
      target: "desk",
      lane: "event",
      orderKey: "k",
      flow: "f",
      connection: "shop",
      eventKey: "e",
      eventType: "sold",
      version: null,
      payload: Buffer.from("{}"),
      trace: null,
    };
    const messages = [message, { ...message, eventKey: "e2", lane: "sync" as const }];
    const sealed = await sealWork(vaultOf(database.db), [{ messages, quarantined: [] }]);
    await database.db.transaction().execute((tx) => commitMessages(tx, sealed));
    const text = await openOne({ tenantLabel: true }).expose();
    expect(text).toMatch(/^belay_queue_depth\{tenant="acme",connection="desk"\} 2$/m);
    expect(text).toMatch(/^belay_queue_oldest_seconds\{tenant="acme",connection="desk"\} \d+(\.\d+)?(e-\d+)?$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    now += 1;
    const { series } = await openOne().read({ from: start, kind: "queue" });
    expect(series).toMatchObject([{ kind: "queue", connection: "desk", counts: { depth: 2 } }]);
  });
});
