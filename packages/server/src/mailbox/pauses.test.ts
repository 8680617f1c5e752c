import { sql } from "kysely";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database, Db } from "../db/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { commit, empty, newMessage, readStored } from "./__fixtures__/mailbox.ts";
import { forever, ScriptedRunner, silent, until } from "./__fixtures__/scripted-runner.ts";
import type { Verdict } from "./active-mailbox.ts";
import { Dispatcher } from "./dispatcher.ts";
import { resumePaused } from "./pauses.ts";
import { countWaiting } from "./store.ts";
import type { Message } from "./types.ts";

const delivered: Verdict = { kind: "delivered", stepped: false };

describe("what is paused, on PostgreSQL", () => {
  let database: Database;
  let db: Db;
  const started: Dispatcher[] = [];
  const paused = { mailboxes: new Set<string>(), flows: new Set<string>() };
  beforeAll(async () => {
    database = await openFreshPostgres();
    db = database.db;
    return () => database.close();
  });
  beforeEach(async () => {
    await empty(db);
    paused.mailboxes.clear();
    paused.flows.clear();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((dispatcher) => dispatcher.stop(0)));
  });

  function start(run: (message: Message) => Promise<Verdict> = () => Promise.resolve(delivered)): {
    dispatcher: Dispatcher;
    runner: ScriptedRunner;
  } {
    const runner = new ScriptedRunner(run);
    const pauses = {
      ofMailbox: ({ connection }: { readonly connection: string }): boolean => paused.mailboxes.has(connection),
      ofFlow: (_tenant: string, flow: string): boolean => paused.flows.has(flow),
    };
    const parts = { db, cipher: vaultOf(db), runner, clock: systemClock, logger: silent, counters: new Counters(), pauses };
    const dispatcher = new Dispatcher({ ...parts, options: { pollMs: 5 } });
    started.push(dispatcher);
    dispatcher.start();
    return { dispatcher, runner };
  }

  const keys = (list: readonly { readonly message: Message }[]): string[] => list.map(({ message }) => message.eventKey);

  test("a paused connection's messages wait without an attempt, others' go on, and all go on in order at once when it is resumed", async () => {
    paused.mailboxes.add("stopped");
    const { dispatcher, runner } = start();
    await commit(
      db,
      [1, 2, 3].map((n) => newMessage("k", { target: "stopped", eventKey: `s${n}` })),
    );
    await commit(db, [newMessage("k", { target: "free", eventKey: "f1" })]);
    dispatcher.wake();
    await until(async () => (await countWaiting(db)) === 3);
    await until(async () => (await readStored(db)).mailboxes.some(({ mailbox, leased }) => mailbox === "stopped/event" && !leased));
    expect(keys(runner.begun)).toEqual(["f1"]);
    const { rows } = await sql<{
      why: string;
    }>`select why from belay.mailbox where id = 'stopped/event' and paused_until > belay.now()`.execute(db);
    expect(rows).toEqual([{ why: "MAILBOX_PAUSED" }]);
    expect((await readStored(db)).messages.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
    paused.mailboxes.clear();
    const resumed = await resumePaused(db, { connections: ["stopped"] });
    expect(resumed).toEqual([{ tenant: "acme", mailbox: "stopped/event" }]);
    dispatcher.pausesChanged();
    await until(async () => (await countWaiting(db)) === 0);
    expect(keys(runner.begun)).toEqual(["f1", "s1", "s2", "s3"]);
  });

  test("pausing a mailbox that is being worked on lets what runs end and begins nothing more", async () => {
    let finish: (verdict: Verdict) => void = () => {};
    const { dispatcher, runner } = start(() => new Promise((resolve) => (finish = resolve)));
    await commit(
      db,
      [1, 2].map((n) => newMessage("k", { target: "t", eventKey: `e${n}` })),
    );
    dispatcher.wake();
    await until(() => runner.begun.length === 1);
    paused.mailboxes.add("t");
    dispatcher.pausesChanged();
    finish(delivered);
    await until(async () => (await readStored(db)).mailboxes.every(({ leased }) => !leased));
    expect(keys(runner.begun)).toEqual(["e1"]);
    expect(await countWaiting(db)).toBe(1);
  });

  test("a paused flow's messages wait, and those behind them in their order key; others of the mailbox go on", async () => {
    paused.flows.add("stopped");
    const { dispatcher, runner } = start();
    await commit(db, [
      newMessage("a", { eventKey: "a1", flow: "stopped" }),
      newMessage("a", { eventKey: "a2", flow: "free" }),
      newMessage("b", { eventKey: "b1", flow: "free" }),
      newMessage("a", { eventKey: "a3", flow: "stopped" }),
    ]);
    dispatcher.wake();
    await until(async () => (await countWaiting(db)) === 3);
    expect(keys(runner.begun)).toEqual(["b1"]);
    await dispatcher.stop();
    const waiting = await sql`select event_key, attempts, parked, code from belay.message order by id`.execute(db);
    expect(waiting.rows).toEqual([
      { event_key: "a1", attempts: 0, parked: true, code: "MAILBOX_PAUSED" },
      { event_key: "a2", attempts: 0, parked: true, code: null },
      { event_key: "a3", attempts: 0, parked: true, code: null },
    ]);
    paused.flows.clear();
    expect(await resumePaused(db, { flow: "another" })).toEqual([]);
    await resumePaused(db, { flow: "stopped" });
    const second = start();
    await until(async () => (await countWaiting(db)) === 0);
    expect(keys(second.runner.begun)).toEqual(["a1", "a2", "a3"]);
    expect((await readStored(db)).blocks).toEqual([]);
  });

  test("a message of a flow that is paused while it waits behind another one of its order key is held when its turn comes", async () => {
    const finish: ((verdict: Verdict) => void)[] = [];
    const { dispatcher, runner } = start((message) => (message.flow === "free" ? new Promise((resolve) => finish.push(resolve)) : forever));
    await commit(db, [newMessage("a", { eventKey: "a1", flow: "free" }), newMessage("a", { eventKey: "a2", flow: "stopped" })]);
    dispatcher.wake();
    await until(() => runner.begun.length === 1);
    paused.flows.add("stopped");
    finish[0]?.(delivered);
    await until(async () => {
      const { rows } = await sql<{ code: string | null }>`select code from belay.message`.execute(db);
      return rows.length === 1 && rows[0]?.code === "MAILBOX_PAUSED";
    });
    expect(keys(runner.begun)).toEqual(["a1"]);
  });
});
