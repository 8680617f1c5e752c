import { sql } from "kysely";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, freshPostgres } from "../../../../test/setup/database.ts";
import { type Database, openDatabase } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { openBreakers, type SharedBreakers } from "./open-breakers.ts";
import type { BreakerKey, OpenBreaker, ProbeAnswer, ProviderSize } from "./types.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const provider = "desk.example";
const providerKey: BreakerKey = { scope: "provider", key: provider };
const manyTenants: ProviderSize = { connections: 20, tenants: ["acme", "globex", "initech"] };

interface Process {
  readonly breakers: SharedBreakers;
  /** What is open, as it was last told. */
  open(): readonly OpenBreaker[];
}

function openProcess(database: Pick<Database, "db" | "url">, size: () => ProviderSize): Process {
  const breakers = openBreakers({ database, clock: systemClock, logger: silent, sizeOf: size });
  let open: readonly OpenBreaker[] = [];
  breakers.subscribe((told) => (open = told));
  return { breakers, open: () => open };
}

const trip = (connection: string, alone = false) => ({ connection, provider, alone });

/** Nobody waits for probes to fall due in a test. */
async function makeDue(database: Database): Promise<void> {
  await sql`update belay.breaker set probe_at = belay.now() - interval '1 second'`.execute(database.db);
}

function tokenOf(answer: ProbeAnswer): number {
  if (!("token" in answer)) throw new Error("No probe was given.");
  return answer.token;
}

async function eventsOf(database: Database): Promise<{ type: string; data: unknown }[]> {
  return (await sql<{ type: string; data: unknown }>`select type, data from belay.event order by number`.execute(database.db)).rows;
}

describe.each(databases)("breakers that processes share, on $name", ({ open }) => {
  let database: Database;
  let size = manyTenants;
  let process: Process;

  beforeAll(async () => {
    database = await open();
    return async () => await database.close();
  });

  beforeEach(async () => {
    size = manyTenants;
    await sql`delete from belay.breaker`.execute(database.db);
    await sql`delete from belay.event`.execute(database.db);
    process = openProcess(database, () => size);
  });

  afterEach(async () => await process.breakers.close());

  const tripAll = async (...trips: ReturnType<typeof trip>[]): Promise<string[]> => {
    for (const one of trips) process.breakers.trip(one);
    await process.breakers.settled();
    return process.open().map(({ scope, key }) => `${scope} ${key}`);
  };

  test("three connections of two tenants that fail alike open their provider's breaker; it is one incident", async () => {
    expect(await tripAll(trip("acme/1"), trip("globex/2"))).toEqual(["connection acme/1", "connection globex/2"]);
    expect(await tripAll(trip("acme/3"))).toEqual(["provider desk.example"]);
    expect(await tripAll(trip("acme/4"), trip("globex/5"))).toEqual(["provider desk.example"]);
    expect(await eventsOf(database)).toEqual([{ type: "provider.outage-began", data: { provider, connections: 20, tenants: 3 } }]);
  });

  test("one tenant's broken accounts never open it, where others have some, nor do accounts that fail while others do well", async () => {
    await tripAll(trip("acme/1"), trip("acme/2"), trip("acme/3"), trip("acme/4"));
    await tripAll(trip("globex/5", true), trip("initech/6", true));
    expect(process.open().filter(({ scope }) => scope === "provider")).toEqual([]);
    expect(process.open()).toHaveLength(6);
    expect(await eventsOf(database)).toEqual([]);
  });

  test("where there are two connections both have to fail, and where there is one there is no provider to speak of", async () => {
    size = { connections: 1, tenants: ["acme"] };
    expect(await tripAll(trip("acme/1"))).toEqual(["connection acme/1"]);
    size = { connections: 2, tenants: ["acme"] };
    expect(await tripAll(trip("acme/2"))).toEqual(["provider desk.example"]);
  });

  test("connections that are vouched against do not count any more", async () => {
    await tripAll(trip("acme/1"), trip("globex/2"));
    await sql`update belay.breaker set failed_at = failed_at - interval '2 seconds'`.execute(database.db);
    process.breakers.vouch({ connection: "initech/9", provider });
    expect(await tripAll(trip("initech/3"))).toEqual(["connection acme/1", "connection globex/2", "connection initech/3"]);
    expect(process.open().map(({ suspected }) => suspected)).toEqual([false, false, true]);
  });

  test("one probes at a time, and only when a probe is due; one that went well closes the breaker and says how long it was open", async () => {
    await tripAll(trip("acme/1"), trip("globex/2"), trip("acme/3"));
    const early = await process.breakers.claim(providerKey);
    expect("afterMs" in early && early.afterMs > 4_000 && early.afterMs <= 5_000).toBe(true);
    await makeDue(database);
    const token = tokenOf(await process.breakers.claim(providerKey));
    expect(await process.breakers.claim(providerKey)).toHaveProperty("afterMs");
    await sql`update belay.breaker set opened_at = belay.now() - interval '1 hour'`.execute(database.db);
    process.breakers.end({ ...providerKey, token, outcome: "success", alone: false });
    expect(await tripAll()).toEqual([]);
    expect((await eventsOf(database)).at(-1)).toEqual({
      type: "provider.outage-ended",
      data: { provider, connections: 20, tenants: 3, seconds: 3_600 },
    });
  });

  test("each probe that fails doubles the pause, up to a minute; one that told nothing changes none", async () => {
    await tripAll(trip("acme/1"), trip("globex/2"), trip("acme/3"));
    const pauses: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      await makeDue(database);
      process.breakers.end({ ...providerKey, token: tokenOf(await process.breakers.claim(providerKey)), outcome: "failure", alone: false });
      await process.breakers.settled();
      pauses.push(Math.round((process.open()[0]?.probeInMs ?? 0) / 1_000));
    }
    expect(pauses).toEqual([10, 20, 40, 60, 60, 60]);
    await makeDue(database);
    process.breakers.end({ ...providerKey, token: tokenOf(await process.breakers.claim(providerKey)), outcome: "released", alone: false });
    await process.breakers.settled();
    expect(await process.breakers.claim(providerKey)).toHaveProperty("token");
  });

  test("the probe of a process that died is somebody else's when its lease is over, and its late answer counts for nothing", async () => {
    await tripAll(trip("acme/1"), trip("globex/2"), trip("acme/3"));
    await makeDue(database);
    const dead = tokenOf(await process.breakers.claim(providerKey));
    await sql`update belay.breaker set probe_until = belay.now() - interval '1 second'`.execute(database.db);
    const token = tokenOf(await process.breakers.claim(providerKey));
    process.breakers.end({ ...providerKey, token: dead, outcome: "success", alone: false });
    expect(await tripAll()).toEqual(["provider desk.example"]);
    process.breakers.end({ ...providerKey, token, outcome: "success", alone: false });
    expect(await tripAll()).toEqual([]);
  });

  test("what waits for it goes on when it closes: one mailbox after another, where somebody waits first, then what is freshest; others wait on", async () => {
    await sql`delete from belay.mailbox`.execute(database.db);
    await sql`
      insert into belay.mailbox (tenant, id, connection, lane, due_at, paused_until, why)
      select tenant, id, id, lane, belay.now() + interval '1 hour', belay.now() + interval '1 hour', why from (values
        ('acme', 'old', 'event', 'HTTP_CIRCUIT_OPEN'), ('globex', 'fresh', 'event', 'HTTP_CIRCUIT_OPEN'), ('initech', 'urgent', 'interactive', 'HTTP_CIRCUIT_OPEN'),
        ('acme', 'limited', 'event', 'HTTP_BUDGET_EXHAUSTED'), ('elsewhere', 'other', 'event', 'HTTP_CIRCUIT_OPEN')) as x(tenant, id, lane, why)
    `.execute(database.db);
    await sql`
      insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
      values ('acme', 'old', 'k', 'f', 'c', 'e', 't', '', belay.now()), ('globex', 'fresh', 'k', 'f', 'c', 'e', 't', '', belay.now())
    `.execute(database.db);
    await tripAll(trip("acme/1"), trip("globex/2"), trip("acme/3"));
    await makeDue(database);
    process.breakers.end({ ...providerKey, token: tokenOf(await process.breakers.claim(providerKey)), outcome: "success", alone: false });
    await process.breakers.settled();
    const { rows } = await sql<{ id: string }>`select id from belay.mailbox where paused_until is null order by due_at`.execute(
      database.db,
    );
    expect(rows.map(({ id }) => id)).toEqual(["urgent", "fresh", "old"]);
  });
});

describe("breakers of two processes on PostgreSQL", () => {
  test("what one opens the other knows within a second, and of many that want to probe at once one may", async () => {
    const url = await freshPostgres();
    await using first = openDatabase({ kind: "postgres", url });
    await using second = openDatabase({ kind: "postgres", url });
    const [one, other] = [first, second].map((database) => openProcess(database, () => manyTenants));
    try {
      const learned = new Promise<number>((resolve) => {
        const stop = other?.breakers.subscribe((open) => {
          if (!open.some(({ scope }) => scope === "provider")) return;
          resolve(performance.now());
          stop?.();
        });
      });
      // Both trip at the same time: whoever is second to judge sees what the first has written.
      const began = performance.now();
      one?.breakers.trip(trip("acme/1"));
      other?.breakers.trip(trip("globex/2"));
      one?.breakers.trip(trip("acme/3"));
      other?.breakers.trip(trip("globex/4"));
      expect((await learned) - began).toBeLessThan(1_000);
      await Promise.all([one?.breakers.settled(), other?.breakers.settled()]);
      expect(await eventsOf(first)).toHaveLength(1);
      await makeDue(first);
      const answers = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => await (index % 2 === 0 ? one : other)?.breakers.claim(providerKey)),
      );
      expect(answers.filter((answer) => answer !== undefined && "token" in answer)).toHaveLength(1);
    } finally {
      await Promise.all([one?.breakers.close(), other?.breakers.close()]);
    }
  });
});
