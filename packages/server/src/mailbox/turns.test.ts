import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { type Clock, Counters, systemClock } from "../telemetry/index.ts";
import { commit, empty, newMessage } from "./__fixtures__/mailbox.ts";
import { forever, type Script, ScriptedRunner, silent, until } from "./__fixtures__/scripted-runner.ts";
import type { Verdict } from "./active-mailbox.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";
import { countWaiting } from "./store.ts";

const delivered: Verdict = { kind: "delivered", stepped: false };
let database: Database;
let dispatcher: Dispatcher | undefined;
/** It stands still unless it is moved, only sleeping takes its time: what waits for a time waits for ever. */
let now = 0;
const clock: Clock = { ...systemClock, now: () => now };

beforeAll(async () => {
  database = await openFreshPostgres();
});
afterAll(() => database.close());
beforeEach(() => empty(database.db));
afterEach(async () => {
  // Its last runs are given up by the time that has passed.
  const stopped = dispatcher?.stop(0);
  const passing = setInterval(() => (now += 1_000), 10);
  await stopped;
  clearInterval(passing);
});

function start(script: Script, options: Partial<DispatcherOptions>): ScriptedRunner {
  const runner = new ScriptedRunner(script);
  const { db } = database;
  dispatcher = new Dispatcher({
    db,
    cipher: vaultOf(db),
    runner,
    clock,
    logger: silent,
    counters: new Counters(),
    options: { pollMs: 5, ...options },
  });
  dispatcher.start();
  return runner;
}

test("who had nothing to do for a while is served at once, also while others want more than there is room for", async () => {
  const { db } = database;
  const noise = Array.from({ length: 40 }, (_, index) => newMessage(`k${index}`, { tenant: "noise", target: `n${index % 8}` }));
  await commit(db, noise);
  await commit(db, [newMessage("first", { tenant: "quiet", target: "q" })]);
  const runner = start(({ tenant }) => (tenant === "noise" ? forever : delivered), {
    maxMessages: 16,
    lingerMs: 1_000_000,
    leaseMs: 1_000_000,
  });
  const ran = (key: string): boolean => runner.begun.some(({ message }) => message.orderKey === key);
  await until(async () => ran("first") && (await countWaiting(db)) === 40);
  // Longer than a turn, were it one.
  now += 6_000;
  await commit(db, [newMessage("second", { tenant: "quiet", target: "q" })]);
  dispatcher?.committed([{ tenant: "quiet", mailbox: "q/event" }]);
  await until(() => ran("second"));
});

test("of a tenant whose provider takes long no more begins than it has mailboxes or may begin with, and all of it when it answers", async () => {
  const { db } = database;
  const mailboxes = 50;
  await commit(
    db,
    Array.from({ length: mailboxes * 20 }, (_, index) => newMessage(`k${index}`, { target: `t${index % mailboxes}` })),
  );
  const answered = Promise.withResolvers<Verdict>();
  const runner = start(() => answered.promise, { leaseMs: 1_000_000 });
  await until(() => new Set(runner.begun.map(({ lease }) => lease.mailbox)).size === mailboxes);
  for (let poll = 0; poll < 10; poll += 1) await systemClock.sleep(10);
  expect(runner.begun.length).toBeLessThanOrEqual(250 + mailboxes);
  answered.resolve(delivered);
  await until(async () => (await countWaiting(db)) === 0);
  expect(runner.begun).toHaveLength(mailboxes * 20);
});

test("where there are more mailboxes than may be held, those of a slow provider have their turns", async () => {
  const { db } = database;
  const mailboxes = 12;
  await commit(
    db,
    Array.from({ length: mailboxes * 60 }, (_, index) => newMessage(`k${index}`, { target: `t${index % mailboxes}` })),
  );
  const waiting: ((verdict: Verdict) => void)[] = [];
  const runner = start(
    () => {
      const { promise, resolve } = Promise.withResolvers<Verdict>();
      waiting.push(resolve);
      return promise;
    },
    { maxMailboxes: 6, leaseMs: 1_000_000 },
  );
  await until(async () => {
    now += 200;
    // It answers one after another, and slowly.
    waiting.shift()?.(delivered);
    await systemClock.sleep(2);
    return new Set(runner.begun.map(({ lease }) => lease.mailbox)).size === mailboxes;
  });
  for (const resolve of waiting) resolve(delivered);
});
