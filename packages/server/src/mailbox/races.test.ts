import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import {
  claimOne,
  commit,
  dead,
  delivered,
  empty,
  fetchAll,
  leaseMs,
  letPass,
  newMessage,
  readStored,
  retried,
  seal,
  sealSteps,
  settle,
} from "./__fixtures__/mailbox.ts";
import { begin, untilBlocked } from "./__fixtures__/races.ts";
import { commitMessages } from "./commit-messages.ts";
import { discardDeadLetters, replayDeadLetters } from "./dead-letters.ts";
import { handBack } from "./settle-store.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";
import { insertSteps, wakeMailboxes } from "./store.ts";
import type { Lease } from "./types.ts";

const key = { tenant: "acme", mailbox: "acme-desk/event" };
/** Enough rows that two statements which go through them from both ends surely meet in the middle. */
const keys = Array.from({ length: 200 }, (_, index) => `k${100 + index}`);
const wake = { tenant: "acme", id: "acme-desk/event", connection: "acme-desk", lane: "event" } as const;

/** Everything here holds a transaction open at a chosen statement, so that the order of events is the test's own. */
describe("races on PostgreSQL", () => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await openFreshPostgres();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(() => empty(db));

  /** A worker that has delivered all there was and is about to give the mailbox back. */
  async function drained(): Promise<Lease> {
    await commit(db, [newMessage("first")]);
    const lease = await claimOne(db);
    await settle(db, lease, (await fetchAll(db, lease)).map(delivered), "keep");
    return { ...lease, head: (await readStored(db)).mailboxes[0]!.head };
  }

  test("a commit that stands between waking the mailbox and inserting its message is not missed by a worker that gives the mailbox back", async () => {
    const lease = await drained();
    const tx = await begin(db);
    await wakeMailboxes(tx, [wake]);
    const release = settle(db, lease, []);
    await untilBlocked(db);
    await commitMessages(tx, await seal(db, [newMessage("second")]));
    await tx.commit().execute();
    expect(await release).toMatchObject({ kept: [{ ...key, token: lease.token + 1 }] });
    expect(await fetchAll(db, lease)).toMatchObject([{ orderKey: "second" }]);
  });

  test("a commit that meets a mailbox being given back waits, then makes it due", async () => {
    const lease = await drained();
    const tx = await begin(db);
    await handBack(
      tx,
      [{ ...key, token: lease.token, head: lease.head, release: true, more: false, wait_ms: null, why: null, extend: true }],
      leaseMs,
    );
    const committed = commit(db, [newMessage("second")]);
    await untilBlocked(db);
    await tx.commit().execute();
    await committed;
    expect(await fetchAll(db, await claimOne(db))).toMatchObject([{ orderKey: "second" }]);
  });

  test("a claim passes over a mailbox whose commit is under way, and finds all of it afterwards", async () => {
    await commit(db, [newMessage("first")]);
    const tx = await begin(db);
    await commitMessages(tx, await seal(db, [newMessage("second")]));
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    await tx.commit().execute();
    expect((await fetchAll(db, await claimOne(db))).map(({ orderKey }) => orderKey)).toEqual(["first", "second"]);
  });

  test("a commit that is rolled back leaves neither message nor wake-up", async () => {
    const lease = await drained();
    const tx = await begin(db);
    await commitMessages(tx, await seal(db, [newMessage("second"), newMessage("a", { target: "new" })]));
    await tx.rollback().execute();
    await settle(db, lease, []);
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: null, again: false }], messages: [] });
  });

  test("ids follow the order of commit: no id is taken before the mailbox is held", async () => {
    await commit(db, [newMessage("first")]);
    const holder = await begin(db);
    await wakeMailboxes(holder, [wake]);
    const { rows: before } = await sql<{ id: number }>`select last_value as id from belay.message_id`.execute(db);
    const second = commit(db, [newMessage("second")]);
    await untilBlocked(db);
    const { rows: after } = await sql<{ id: number }>`select last_value as id from belay.message_id`.execute(db);
    expect(after).toEqual(before);
    await commitMessages(holder, await seal(db, [newMessage("between")]));
    await holder.commit().execute();
    await second;
    expect((await fetchAll(db, await claimOne(db))).map(({ orderKey }) => orderKey)).toEqual(["first", "between", "second"]);
  });

  test("two commits that create one mailbox both arrive", async () => {
    const tx = await begin(db);
    await commitMessages(tx, await seal(db, [newMessage("first")]));
    const second = commit(db, [newMessage("second")]);
    await untilBlocked(db);
    await tx.commit().execute();
    await second;
    expect((await fetchAll(db, await claimOne(db))).map(({ orderKey }) => orderKey)).toEqual(["first", "second"]);
  });

  test("commits that name the same mailboxes in opposite order do not deadlock, new or not", async () => {
    const targets = Array.from({ length: 20 }, (_, index) => `t${index}`);
    for (let round = 0; round < 8; round += 1) {
      const up = targets.map((target) => newMessage("a", { target: `${round % 4}-${target}` }));
      await Promise.all([commit(db, up), commit(db, up.toReversed()), commit(db, up), commit(db, up.toReversed())]);
    }
    const holder = await begin(db);
    await sql`select from belay.mailbox where id in ('0-t1/event', '0-t2/event') for update`.execute(holder);
    const opposite = ["0-t1", "0-t2"].map((target) => newMessage("a", { target }));
    const both = Promise.all([commit(db, opposite), commit(db, opposite.toReversed())]);
    await untilBlocked(db, 2);
    await holder.commit().execute();
    await both;
  });

  test("settlements that raise the same versions in opposite order do not deadlock", async () => {
    // The same flow and entities, reached through two lanes: two mailboxes, held by two workers.
    await commit(
      db,
      keys.map((orderKey) => newMessage(orderKey, { lane: "event", version: 1 })),
    );
    await commit(
      db,
      keys.toReversed().map((orderKey) => newMessage(orderKey, { lane: "sync", version: 2 })),
    );
    const leases = await claimDue(db, 10, leaseMs);
    const messages = await Promise.all(leases.map((lease) => fetchAll(db, lease)));
    const holder = await begin(db);
    await sql`insert into belay.entity_version (tenant, flow, order_key, version) select 'acme', 'flow', 'k' || n, 0 from generate_series(100, 299) n`.execute(
      holder,
    );
    const both = Promise.all(leases.map((lease, index) => settle(db, lease, messages[index]!.map(delivered))));
    await untilBlocked(db, 2);
    await holder.rollback().execute();
    await both;
    expect((await readStored(db)).versions).toEqual(keys.map((orderKey) => ({ orderKey, version: 2 })));
  });

  test("of two workers that claim at once each gets mailboxes of its own", async () => {
    await commit(
      db,
      Array.from({ length: 10 }, (_, index) => newMessage("a", { target: `t${index}` })),
    );
    const tx = await begin(db);
    const first = await claimDue(tx, 6, leaseMs);
    const second = await claimDue(db, 6, leaseMs);
    expect([first.length, second.length]).toEqual([6, 4]);
    expect(new Set([...first, ...second].map(({ mailbox }) => mailbox)).size).toBe(10);
    await tx.rollback().execute();
    const third = await claimDue(db, 10, leaseMs);
    expect(third).toMatchObject(Array.from({ length: 6 }, () => ({ token: 1, takenOver: false })));
  });

  test("a worker whose lease ran out while it settled loses to the one that takes over, and writes nothing", async () => {
    await commit(db, [newMessage("a")]);
    const first = await claimOne(db);
    const messages = await fetchAll(db, first);
    await letPass(db, leaseMs + 1);
    const tx = await begin(db);
    const [second] = await claimDue(tx, 10, leaseMs);
    const late = settle(db, first, messages.map(delivered));
    await untilBlocked(db);
    await tx.commit().execute();
    expect((await late).lost).toHaveLength(1);
    expect(await readStored(db)).toMatchObject({
      messages: [{ orderKey: "a" }],
      history: [],
      mailboxes: [{ leased: true, token: 2, head: 0 }],
    });
    await settle(db, second!, (await fetchAll(db, second!)).map(delivered));
    expect(await readStored(db)).toMatchObject({ messages: [], history: [{ orderKey: "a" }] });
  });

  test("a worker whose lease ran out but who settles first keeps the mailbox", async () => {
    await commit(db, [newMessage("a")]);
    const lease = await claimOne(db);
    await letPass(db, leaseMs + 1);
    const tx = await begin(db);
    await handBack(
      tx,
      [{ ...key, token: lease.token, head: 0, release: false, more: false, wait_ms: null, why: null, extend: true }],
      leaseMs,
    );
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    await tx.commit().execute();
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    expect(await settle(db, lease, (await fetchAll(db, lease)).map(delivered))).toMatchObject({ lost: [] });
  });

  test("a replay under a lease is seen by its holder or right after it, and the holder's other work counts", async () => {
    await commit(db, [newMessage("a")]);
    const first = await claimOne(db);
    const [message] = await fetchAll(db, first);
    await settle(db, first, [dead(message!)]);
    await commit(db, [newMessage("b")]);
    const lease = await claimOne(db);
    const [other] = await fetchAll(db, lease);
    expect(await replayDeadLetters(db, [message!])).toBe(1);
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    expect(await fetchAll(db, lease)).toMatchObject([{ id: message!.id, parked: true }, { id: other!.id }]);
    const { kept } = await settle(db, lease, [delivered(other!)]);
    const next = { ...lease, token: kept[0]!.token };
    await settle(db, next, (await fetchAll(db, next)).map(delivered));
    expect(await readStored(db)).toMatchObject({
      messages: [],
      blocks: [],
      mailboxes: [{ due: null }],
      history: [{ id: message!.id }, { id: other!.id }],
    });
  });

  test("a replay that stands between waking the mailbox and inserting its message is not missed by a worker that gives the mailbox back", async () => {
    await commit(db, [newMessage("a")]);
    const first = await claimOne(db);
    const [message] = await fetchAll(db, first);
    await settle(db, first, [dead(message!)]);
    const lease = await drained();
    // The replay wakes the mailbox and then waits for the letter, which this transaction holds.
    const holder = await begin(db);
    await sql`select from belay.dead_letter for update`.execute(holder);
    const replay = replayDeadLetters(db, [message!]);
    await untilBlocked(db);
    const release = settle(db, lease, []);
    await untilBlocked(db, 2);
    await holder.commit().execute();
    expect(await replay).toBe(1);
    expect(await release).toMatchObject({ kept: [{ ...key, token: lease.token + 1 }] });
    expect(await fetchAll(db, lease)).toMatchObject([{ id: message!.id, parked: true }]);
  });

  test("a letter that is replayed twice and discarded at once is one message or none, never both", async () => {
    for (let round = 0; round < 5; round += 1) {
      await empty(db);
      await commit(db, [newMessage("a")]);
      const lease = await claimOne(db);
      const [message] = await fetchAll(db, lease);
      await settle(db, lease, [dead(message!)]);
      const counts = await Promise.all([
        replayDeadLetters(db, [message!]),
        discardDeadLetters(db, [message!]),
        replayDeadLetters(db, [message!]),
      ]);
      expect(counts.reduce((sum, count) => sum + count)).toBe(1);
      const { messages, history, deadLetters } = await readStored(db);
      expect(messages.length + history.length).toBe(1);
      expect(deadLetters).toEqual([]);
    }
  });

  test("two workers that record steps of the same messages in opposite order do not deadlock", async () => {
    await commit(
      db,
      keys.map((orderKey) => newMessage(orderKey)),
    );
    const messages = await fetchAll(db, await claimOne(db));
    const rows = await sealSteps(
      db,
      messages.map(({ id }) => ({ ...key, message: id, name: "one", result: "1", wrote: true })),
    );
    const holder = await begin(db);
    await insertSteps(holder, rows);
    const both = Promise.all([insertSteps(db, rows), insertSteps(db, rows.toReversed())]);
    await untilBlocked(db, 2);
    await holder.rollback().execute();
    await both;
    expect((await readStored(db)).steps).toHaveLength(keys.length);
  });

  test("a mailbox that rests on a later retry is woken by a commit, and rests on it again afterwards", async () => {
    await commit(db, [newMessage("a")]);
    const first = await claimOne(db);
    await settle(db, first, [retried((await fetchAll(db, first))[0]!)]);
    await commit(db, [newMessage("b")]);
    const second = await claimOne(db);
    await settle(db, second, (await fetchAll(db, second)).map(delivered));
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: "future" }], messages: [{ orderKey: "a" }] });
  });
});
