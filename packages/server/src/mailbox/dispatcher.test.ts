import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { commit, empty, letPass, newMessage, readStored } from "./__fixtures__/mailbox.ts";
import { begin, untilBlocked } from "./__fixtures__/races.ts";
import { forever, type Script, ScriptedRunner, silent, until } from "./__fixtures__/scripted-runner.ts";
import type { Verdict } from "./active-mailbox.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";
import { countWaiting } from "./store.ts";
import type { Message } from "./types.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

const delivered: Verdict = { kind: "delivered", stepped: false };

describe("a dispatcher on PostgreSQL", () => {
  let database: Database;
  let db: Db;
  const started: Dispatcher[] = [];
  beforeAll(async () => {
    database = await openFreshPostgres();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(() => empty(db));
  afterEach(async () => {
    await Promise.all(started.splice(0).map((dispatcher) => dispatcher.stop(0)));
  });

  function start(
    script: Script,
    options: Partial<DispatcherOptions> = {},
  ): { dispatcher: Dispatcher; runner: ScriptedRunner; counters: Counters } {
    const runner = new ScriptedRunner(script);
    const counters = new Counters();
    const dispatcher = new Dispatcher({
      db,
      cipher: vaultOf(db),
      runner,
      clock: systemClock,
      logger: silent,
      counters,
      options: { pollMs: 5, ...options },
    });
    started.push(dispatcher);
    dispatcher.start();
    return { dispatcher, runner, counters };
  }

  /** While the database is away nothing is known. */
  const done = async (): Promise<boolean> => (await countWaiting(db).catch(() => undefined)) === 0;

  /** Answers by chance, the same for the same seed. A message is given up after some failures, as the retry policy does. */
  function byChance(seed: number): { script: Script; ended: Message[] } {
    let state = seed;
    const ended: Message[] = [];
    const script: Script = async (message) => {
      state = (state * 48_271) % 2_147_483_647;
      const chance = (state % 1_000) / 1_000;
      if (chance < 0.3) await new Promise((resolve) => setImmediate(resolve));
      if (chance < 0.1 && message.attempts < 8) return { kind: "retry", afterMs: chance * 30, code: "FAR_END", error: "503" };
      if (chance < 0.12) return { kind: "wait", waitMs: 3, why: "RATE", begun: chance < 0.11 };
      if (chance < 0.14) return { kind: "suspended" };
      ended.push(message);
      if (chance < 0.2) return { kind: "dead", code: "REFUSED", error: "No." };
      return delivered;
    };
    return { script, ended };
  }

  /** Commits `count` messages over four mailboxes with 24 order keys in all. */
  async function commitMany(count: number, from = 0): Promise<void> {
    for (let at = from; at < from + count; at += 40) {
      await commit(
        db,
        Array.from({ length: 40 }, (_, index) =>
          newMessage(`k${(at + index) % 24}`, { target: `t${(at + index) % 4}`, eventKey: `e${at + index}` }),
        ),
      );
    }
  }

  async function expectAllEndedOnce(count: number, ended: readonly Message[]): Promise<void> {
    const { messages, blocks, history, deadLetters, mailboxes } = await readStored(db);
    expect({ messages, blocks }).toEqual({ messages: [], blocks: [] });
    const ids = [...history, ...deadLetters].map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([count, count]);
    expect(mailboxes.every(({ due, again }) => due !== "past" && !again) || mailboxes.some(({ leased }) => leased)).toBe(true);
    const byKey = Map.groupBy(ended, ({ mailbox, orderKey }) => `${mailbox} ${orderKey}`);
    for (const [key, list] of byKey) {
      const order = list.map(({ id }) => id);
      expect(order, `order of ${key}`).toEqual(order.toSorted((a, b) => a - b));
      expect(new Set(order).size).toBe(order.length);
    }
  }

  test.each([1, 2, 3])("loses nothing, doubles nothing and keeps order when attempts end in every way (%d)", async (seed) => {
    const { script, ended } = byChance(seed);
    await commitMany(200);
    const { dispatcher } = start(script, { quantum: 40, maxMessages: 60 });
    await commitMany(200, 200);
    dispatcher.wake();
    await until(done);
    await dispatcher.stop();
    await expectAllEndedOnce(400, ended);
  });

  test("shares the work with another one", async () => {
    const { script, ended } = byChance(4);
    const [one, two] = [start(script, { quantum: 20, maxMailboxes: 2 }), start(script, { quantum: 20, maxMailboxes: 2 })];
    await commitMany(400);
    await until(done);
    await Promise.all([one.dispatcher.stop(), two.dispatcher.stop()]);
    await expectAllEndedOnce(400, ended);
    expect(Math.min(one.runner.begun.length, two.runner.begun.length)).toBeGreaterThan(0);
  });

  test("goes on after the database ended all its connections, again and again", async () => {
    const { script, ended } = byChance(5);
    const { dispatcher } = start(script, { quantum: 40, maxMessages: 60 });
    await commitMany(200);
    for (let restart = 0; restart < 3; restart += 1) {
      const before = ended.length;
      await until(async () => ended.length > before + 20 || (await done()));
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
        db,
      );
    }
    await until(done);
    await dispatcher.stop();
    await expectAllEndedOnce(200, [...new Map(ended.map((message) => [message.id, message])).values()]);
  });

  test("stops: what runs may end, the rest is suspended, and every mailbox is given back", async () => {
    await commitMany(80);
    const { dispatcher, runner } = start((message) => (message.orderKey === "k1" ? forever : delivered));
    await until(async () => (await readStored(db)).history.length > 0 && runner.begun.some(({ message }) => message.orderKey === "k1"));
    await dispatcher.stop(20);
    const { mailboxes, messages, blocks } = await readStored(db);
    expect(mailboxes.every(({ leased }) => !leased)).toBe(true);
    expect(messages.filter(({ suspect }) => suspect).map(({ orderKey }) => orderKey)).toEqual(["k1"]);
    expect(blocks).toEqual([]);
    const second = start(() => delivered);
    await until(done);
    await second.dispatcher.stop();
    expect(second.counters.get("mailbox.taken-over")).toBe(0);
    expect((await readStored(db)).history).toHaveLength(80);
  });

  test("stopped while it claims gives back also what it got after that", async () => {
    await commitMany(1_200);
    const { dispatcher, runner } = start(() => forever);
    await dispatcher.stop(0);
    const { mailboxes, messages } = await readStored(db);
    expect(mailboxes.map(({ leased }) => leased)).toEqual([false, false, false, false]);
    expect(messages).toHaveLength(1_200);
    expect(runner.tooLate).toEqual([]);
  });

  test("stopped twice, or without anything to do, just ends", async () => {
    const { dispatcher } = start(() => delivered);
    await Promise.all([dispatcher.stop(), dispatcher.stop()]);
    await dispatcher.stop();
    expect(dispatcher.load()).toEqual({ mailboxes: 0, messages: 0 });
  });

  test("begins nothing that a fetch brings in after the lease was lost", async () => {
    await commit(
      db,
      ["a", "b"].map((key) => newMessage(key)),
    );
    const first = Promise.withResolvers<Verdict>();
    const { runner } = start(() => first.promise, { maxMessages: 1, pollMs: 60_000 });
    await until(() => runner.begun.length === 1);
    const holder = await begin(db);
    // Only fetching reads it.
    await sql`lock table belay.entity_version in access exclusive mode`.execute(holder);
    await sql`update belay.mailbox set token = token + 1, due_at = belay.now() + interval '1 hour'`.execute(db);
    // The end of `a` is settled, which tells that the lease is gone; its place in memory is fetched for, which has to wait for the table.
    first.resolve(delivered);
    await untilBlocked(db);
    await until(() => runner.closed.length === 1);
    await holder.commit().execute();
    await until(
      async () =>
        (
          await sql`select from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`.execute(
            db,
          )
        ).rows.length === 0,
    );
    expect(runner.tooLate).toEqual([]);
    expect(runner.begun.map(({ message }) => message.orderKey)).toEqual(["a"]);
  });

  test("writes nothing for a lease it lost, and the one that took over does all of it", async () => {
    await commit(db, [newMessage("a")]);
    const slow = Promise.withResolvers<Verdict>();
    // It does not look for work again, or it might take over from itself.
    const one = start(() => slow.promise, { pollMs: 60_000 });
    await until(() => one.runner.begun.length === 1);
    await letPass(db, 60_000);
    const two = start(() => delivered);
    await until(done);
    slow.resolve({ kind: "dead", code: "LATE", error: "late" });
    await until(() => one.counters.get("mailbox.lease-lost") === 1);
    expect(two.runner.begun).toMatchObject([{ message: { suspect: true } }]);
    expect(await readStored(db)).toMatchObject({ deadLetters: [], history: [{ outcome: "delivered" }] });
  });

  test("takes a message up again when its runner breaks its promise and rejects", async () => {
    await commit(db, [newMessage("a")]);
    let attempts = 0;
    start(() => ((attempts += 1) === 1 ? Promise.reject(new Error("a bug")) : delivered));
    await until(async () => (await readStored(db)).mailboxes[0]?.why === "The runner failed; see the log.");
    await letPass(db, 60_000);
    await until(done);
    expect(attempts).toBe(2);
  });

  test("finds what becomes due by time alone, however busy it is", async () => {
    let ofA = 0;
    let whenB: number | undefined;
    await commit(
      db,
      Array.from({ length: 3_000 }, (_, index) => newMessage(`k${index}`, { target: "a" })),
    );
    start(
      ({ mailbox }) => {
        if (mailbox === "b/event") whenB = ofA;
        else ofA += 1;
        return delivered;
      },
      { maxMessages: 20, quantum: 1_000_000 },
    );
    await until(() => ofA > 40);
    await commit(db, [newMessage("x", { target: "b" })]);
    await until(() => whenB !== undefined);
    expect(whenB).toBeLessThan(3_000);
  });

  test("fetches what is committed, and what falls due, while a message of the same mailbox runs for long", async () => {
    const release = Promise.withResolvers<Verdict>();
    const seen: string[] = [];
    const { dispatcher } = start((message) => {
      seen.push(`${message.orderKey}${message.attempts}`);
      if (message.orderKey === "slow") return release.promise;
      if (message.orderKey === "fails" && message.attempts === 0)
        return Promise.resolve({ kind: "retry", afterMs: 20, code: "FAR_END", error: "503" });
      return Promise.resolve(delivered);
    });
    await commit(db, [newMessage("slow"), newMessage("fails")]);
    dispatcher.wake();
    await until(() => seen.includes("slow0") && seen.includes("fails0"));
    await commit(db, [newMessage("later", { eventKey: "e-later" })]);
    dispatcher.wake();
    await until(() => seen.includes("later0") && seen.includes("fails1"));
    expect(dispatcher.load().messages).toBeGreaterThan(0);
    release.resolve(delivered);
    await until(done);
  });

  test("goes on with a mailbox whose turn is over while one of its messages runs for long", async () => {
    const release = Promise.withResolvers<Verdict>();
    let ended = 0;
    const { dispatcher } = start(
      (message) => {
        if (message.orderKey === "slow") return release.promise;
        ended += 1;
        return Promise.resolve(delivered);
      },
      { quantum: 5 },
    );
    await commit(db, [
      newMessage("slow"),
      ...Array.from({ length: 400 }, (_, index) => newMessage(`k${index}`, { eventKey: `e${index}` })),
    ]);
    dispatcher.wake();
    await until(() => ended === 400);
    release.resolve(delivered);
    await until(done);
  });

  test("gives others their turn after a quantum", async () => {
    const order: string[] = [];
    await commit(
      db,
      Array.from({ length: 60 }, (_, index) => newMessage(`k${index}`, { target: "a" })),
    );
    await commit(db, [newMessage("x", { target: "b" })]);
    start(
      ({ mailbox }) => {
        order.push(mailbox);
        return delivered;
      },
      { maxMailboxes: 1, quantum: 10, maxMessages: 10 },
    );
    await until(done);
    expect(order.indexOf("b/event")).toBeLessThan(30);
  });

  test("lets a whole mailbox wait without counting attempts, while others go on", async () => {
    await commit(db, [newMessage("a", { target: "a" }), newMessage("b", { target: "a" }), newMessage("a", { target: "b" })]);
    const { runner } = start(({ mailbox }) =>
      mailbox === "a/event" ? { kind: "wait", waitMs: 60_000, why: "HTTP_CIRCUIT_OPEN", begun: false } : delivered,
    );
    await until(async () => {
      const { mailboxes, history } = await readStored(db);
      return history.length === 1 && mailboxes.every(({ leased }) => !leased) && mailboxes[0]?.why !== null;
    });
    expect(await readStored(db)).toMatchObject({
      mailboxes: [
        { mailbox: "a/event", due: "future", why: "HTTP_CIRCUIT_OPEN" },
        { mailbox: "b/event", due: null },
      ],
      messages: [
        { attempts: 0, suspect: false, parked: false },
        { attempts: 0, suspect: false, parked: false },
      ],
    });
    expect(runner.begun.filter(({ lease }) => lease.connection === "a").length).toBeGreaterThan(0);
  });

  test("lets a mailbox wait no longer because another message of it still ran when it was told to", async () => {
    await commit(db, [newMessage("a", { target: "a", orderKey: "a" }), newMessage("b", { target: "a", orderKey: "b" })]);
    let end: ((verdict: Verdict) => void) | undefined;
    let toldAt = Number.POSITIVE_INFINITY;
    start(({ orderKey }) => {
      if (orderKey === "b") return new Promise<Verdict>((resolve) => (end = resolve));
      toldAt = Date.now();
      return { kind: "wait", waitMs: 60_000, why: "RATE", begun: false };
    });
    await until(async () => end !== undefined && Date.now() - toldAt > 300);
    end?.(delivered);
    await until(async () => (await readStored(db)).mailboxes.every(({ leased }) => !leased));
    const { rows } = await sql<{ ms: number }>`select (extract(epoch from due_at) * 1000)::float8 as ms from belay.mailbox`.execute(db);
    expect((rows[0]?.ms ?? 0) - toldAt).toBeLessThan(60_200);
  });

  test("loses only the one mailbox in which the database refuses a result", async () => {
    await sql`create function belay.refuse() returns trigger language plpgsql as $$ begin if new.event_key = 'poison' then raise check_violation; end if; return new; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before insert on belay.history for each row execute function belay.refuse()`.execute(db);
    try {
      await commit(
        db,
        Array.from({ length: 6 }, (_, index) => newMessage("a", { target: `t${index}`, eventKey: index === 3 ? "poison" : "fine" })),
      );
      start(() => delivered, { lingerMs: 0 });
      await until(async () => (await countWaiting(db)) === 1);
      expect((await readStored(db)).mailboxes.filter(({ leased }) => leased).map(({ mailbox }) => mailbox)).toEqual(["t3/event"]);
    } finally {
      await sql`drop function belay.refuse() cascade`.execute(db);
    }
  });

  test("fetches again what is committed while a fetch is on its way back", async () => {
    await commit(db, [newMessage("a")]);
    let wake = (): void => {};
    const slowly = db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        if (result.rows.some((row) => row["orderKey"] === "a")) {
          await commit(db, [newMessage("b")]);
          wake();
        }
        return result;
      },
    });
    const runner = new ScriptedRunner(() => delivered);
    const options = { pollMs: 60_000, lingerMs: 60_000 };
    const dispatcher = new Dispatcher({
      db: slowly,
      cipher: vaultOf(db),
      runner,
      clock: systemClock,
      logger: silent,
      counters: new Counters(),
      options,
    });
    wake = () => dispatcher.committed([{ tenant: "acme", mailbox: "acme-desk/event" }]);
    started.push(dispatcher);
    dispatcher.start();
    await until(done);
    expect(runner.begun.map(({ message }) => message.orderKey)).toEqual(["a", "b"]);
  });

  test("ends an older version as superseded without running it", async () => {
    await commit(db, [newMessage("a", { version: 5 }), newMessage("a", { version: 4 }), newMessage("a", { version: 5 })]);
    const { runner, counters } = start(() => delivered);
    await until(done);
    expect(runner.begun.map(({ message }) => message.version)).toEqual([5, 5]);
    expect((await readStored(db)).history.map(({ outcome }) => outcome)).toEqual(["delivered", "superseded", "delivered"]);
    await until(() => counters.get("message.superseded") === 1);
  });
});
