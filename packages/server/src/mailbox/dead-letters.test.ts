import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import {
  claimOne,
  commit,
  dead,
  delivered,
  empty,
  fetchAll,
  letPass,
  newMessage,
  parked,
  readStored,
  retried,
  settle,
  storeSteps,
} from "./__fixtures__/mailbox.ts";
import { discardDeadLetters, listDeadLetters, replayDeadLetters } from "./dead-letters.ts";
import type { Message, NewMessage } from "./types.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("dead letters on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  /** Commits one message for each order key and buries them, with the result of a step. */
  async function bury(orderKeys: readonly string[], changes: Partial<NewMessage> = {}): Promise<Message[]> {
    await commit(
      db,
      orderKeys.map((key) => newMessage(key, changes)),
    );
    const lease = await claimOne(db);
    const messages = await fetchAll(db, lease);
    await storeSteps(
      db,
      messages.map(({ tenant, mailbox, id }) => ({ tenant, mailbox, message: id, name: "one", result: "1", wrote: true })),
    );
    await settle(db, lease, messages.map(dead));
    return messages;
  }

  test("are listed newest first, a page at a time, by tenant and code", async () => {
    const [first, second, third] = await bury(["a", "b", "c"]);
    await bury(["d"], { tenant: "globex" });
    const page = await listDeadLetters(db, vaultOf(db), { tenant: "acme" }, 2);
    expect(page.map(({ id }) => id)).toEqual([third!.id, second!.id]);
    expect((await listDeadLetters(db, vaultOf(db), { tenant: "acme", before: page[1]!.id }, 2)).map(({ id }) => id)).toEqual([first!.id]);
    expect((await listDeadLetters(db, vaultOf(db), {}, 10)).map(({ tenant }) => tenant)).toEqual(["globex", "acme", "acme", "acme"]);
    expect(await listDeadLetters(db, vaultOf(db), { code: "OTHER" }, 10)).toEqual([]);
    const [letter] = await listDeadLetters(db, vaultOf(db), { code: "REFUSED", tenant: "globex" }, 10);
    expect(letter).toEqual({
      tenant: "globex",
      id: expect.any(Number),
      mailbox: "acme-desk/event",
      flow: "flow",
      connection: "acme-source",
      eventType: "thing.changed",
      eventKey: "event of d",
      orderKey: "d",
      attempts: 1,
      code: "REFUSED",
      error: "No.",
      diedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test("replayed run again at once under their own id, with their steps, their payload and a fresh count of attempts", async () => {
    const payload = new TextEncoder().encode("x".repeat(10_000));
    const [message] = await bury(["a"], { version: 4, payload });
    expect(await replayDeadLetters(db, [message!])).toBe(1);
    expect(await readStored(db)).toMatchObject({
      deadLetters: [],
      messages: [{ id: message!.id, attempts: 0, parked: true, suspect: true }],
      mailboxes: [{ due: "past" }],
    });
    const lease = await claimOne(db);
    const [again] = await fetchAll(db, lease);
    expect(again).toMatchObject({
      id: message!.id,
      eventKey: message!.eventKey,
      version: 4,
      attempts: 0,
      suspect: true,
      blocked: false,
      steps: { one: "1" },
      payload: "x".repeat(10_000),
    });
    expect(again!.firstAttemptAtMs).not.toBeNull();
    await settle(db, lease, [delivered(again!)]);
    expect(await readStored(db)).toMatchObject({
      messages: [],
      blocks: [],
      steps: [],
      mailboxes: [{ due: null }],
      history: [{ outcome: "delivered" }],
    });
  });

  test("replayed run before the later messages of their order key, each in its turn", async () => {
    const [first, second] = await bury(["a", "a"]);
    await commit(db, [newMessage("a"), newMessage("b")]);
    expect(await replayDeadLetters(db, [second!, first!])).toBe(2);
    const lease = await claimOne(db);
    const messages = await fetchAll(db, lease);
    expect(messages.map(({ id, orderKey, blocked }) => [orderKey, id < second!.id + 1, blocked])).toEqual([
      ["a", true, false],
      ["a", true, false],
      ["a", false, true],
      ["b", false, false],
    ]);
    await settle(db, lease, [parked(messages[2]!), delivered(messages[3]!)]);
    const next = await claimOne(db);
    expect((await fetchAll(db, next)).map(({ id }) => id)).toEqual([first!.id, second!.id, messages[2]!.id]);
  });

  test("replayed do not wait for the next attempt of a later message of their order key", async () => {
    const [message] = await bury(["a"]);
    await commit(db, [newMessage("a")]);
    const lease = await claimOne(db);
    await settle(db, lease, [retried((await fetchAll(db, lease))[0]!, 3_600_000)]);
    await replayDeadLetters(db, [message!]);
    const due = await fetchAll(db, await claimOne(db));
    expect(due[0]).toMatchObject({ id: message!.id });
  });

  test("replayed do the steps since their last write anew, because others may have written since they read", async () => {
    const [message] = await bury(["a"]);
    await replayDeadLetters(db, [message!]);
    const { tenant, mailbox, id } = message!;
    // PGlite's clock counts whole milliseconds, and two statements may fall into one.
    for (const [name, wrote] of [
      ["before", false],
      ["write", true],
      ["after", false],
      ["last", false],
    ] as const) {
      await sql`update belay.step set finished_at = finished_at - interval '2 milliseconds'`.execute(db);
      await storeSteps(db, [{ tenant, mailbox, message: id, name, result: "1", wrote }]);
    }
    const lease = await claimOne(db);
    await settle(db, lease, (await fetchAll(db, lease)).map(dead));
    await replayDeadLetters(db, [message!]);
    const [again] = await fetchAll(db, await claimOne(db));
    expect(Object.keys(again!.steps).toSorted()).toEqual(["before", "one", "write"]);
  });

  test("replayed while their mailbox pauses wait for its end", async () => {
    const [message] = await bury(["a"]);
    await commit(db, [newMessage("b")]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 60_000, why: "RATE" });
    await replayDeadLetters(db, [message!]);
    expect((await readStored(db)).mailboxes).toMatchObject([{ due: "future", why: "RATE" }]);
    await letPass(db, 60_001);
    expect(await fetchAll(db, await claimOne(db))).toMatchObject([{ id: message!.id }, { orderKey: "b" }]);
  });

  test("replayed or discarded twice count once", async () => {
    const [one, two] = await bury(["a", "b"]);
    expect([await replayDeadLetters(db, [one!]), await replayDeadLetters(db, [one!]), await discardDeadLetters(db, [one!])]).toEqual([
      1, 0, 0,
    ]);
    expect([await discardDeadLetters(db, [two!]), await discardDeadLetters(db, [two!]), await replayDeadLetters(db, [two!])]).toEqual([
      1, 0, 0,
    ]);
    expect((await readStored(db)).history).toEqual([{ id: two!.id, orderKey: "b", outcome: "discarded" }]);
    expect(await replayDeadLetters(db, [])).toBe(0);
  });

  test("discarded lose their steps and cause no work", async () => {
    const [message] = await bury(["a"]);
    await discardDeadLetters(db, [message!]);
    expect(await readStored(db)).toMatchObject({ deadLetters: [], messages: [], steps: [], blocks: [], mailboxes: [{ due: null }] });
  });

  test("of another tenant are out of reach", async () => {
    const [message] = await bury(["a"]);
    expect(await replayDeadLetters(db, [{ tenant: "globex", id: message!.id }])).toBe(0);
    expect(await discardDeadLetters(db, [{ tenant: "globex", id: message!.id }])).toBe(0);
    expect((await readStored(db)).deadLetters).toHaveLength(1);
  });

  test("that were quarantined at the door become messages of a mailbox that did not exist", async () => {
    await commit(db, [], [{ ...newMessage("a", { target: "brand/new" }), code: "CONTRACT_PAYLOAD_INVALID", error: "drift" }]);
    const [letter] = await listDeadLetters(db, vaultOf(db), {}, 1);
    expect(await replayDeadLetters(db, [letter!])).toBe(1);
    const lease = await claimOne(db);
    expect(lease).toMatchObject({ mailbox: "brand/new/event", connection: "brand/new", lane: "event" });
    expect(await fetchAll(db, lease)).toMatchObject([{ orderKey: "a", attempts: 0 }]);
  });

  test("that die again are dead letters again", async () => {
    const [message] = await bury(["a"]);
    await replayDeadLetters(db, [message!]);
    const lease = await claimOne(db);
    await settle(db, lease, (await fetchAll(db, lease)).map(dead));
    expect(await readStored(db)).toMatchObject({
      messages: [],
      blocks: [],
      deadLetters: [{ id: message!.id, attempts: 1 }],
      mailboxes: [{ due: null }],
    });
  });
});
