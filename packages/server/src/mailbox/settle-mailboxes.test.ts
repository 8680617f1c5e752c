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
  leaseMs,
  letPass,
  metOutage,
  newMessage,
  parked,
  readStored,
  retried,
  settle,
  storeSteps,
} from "./__fixtures__/mailbox.ts";
import { settleMailboxes } from "./settle-mailboxes.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";
import type { Lease, Message, Result } from "./types.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("settling on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  /** Commits messages with these order keys and takes them under a lease. */
  async function take(...orderKeys: string[]): Promise<{ lease: Lease; messages: Message[] }> {
    await commit(
      db,
      orderKeys.map((key) => newMessage(key)),
    );
    const lease = await claimOne(db);
    return { lease, messages: await fetchAll(db, lease) };
  }

  const step = async ({ tenant, mailbox, id }: Message, name = "one"): Promise<void> =>
    await storeSteps(db, [{ tenant, mailbox, message: id, name, result: '{"a":1}', wrote: true }]);

  test("delivered: moves the message to history, forgets its steps and hands the mailbox back with nothing to do", async () => {
    const { lease, messages } = await take("a", "b");
    await step(messages[0]!);
    await settle(
      db,
      lease,
      messages.map((message) => ({ kind: "delivered", message, stepped: true })),
    );
    expect(await readStored(db)).toEqual({
      mailboxes: [{ mailbox: "acme-desk/event", due: null, leased: false, again: false, token: 1, head: messages[1]!.id, why: null }],
      messages: [],
      blocks: [],
      deadLetters: [],
      steps: [],
      versions: [],
      history: messages.map(({ id, orderKey }) => ({ id, orderKey, outcome: "delivered" })),
    });
  });

  test("superseded: ends the message without raising the version", async () => {
    await commit(db, [newMessage("a", { version: 3 })]);
    const lease = await claimOne(db);
    const [message] = await fetchAll(db, lease);
    await settle(db, lease, [{ kind: "superseded", message: message! }]);
    expect(await readStored(db)).toMatchObject({ messages: [], versions: [], history: [{ outcome: "superseded" }] });
  });

  test("delivered: the newest version of an entity stays, in whatever order they come", async () => {
    await commit(db, [newMessage("a", { version: 9 }), newMessage("a", { version: 5 }), newMessage("b", { version: -1 })]);
    const lease = await claimOne(db);
    const messages = await fetchAll(db, lease);
    await settle(db, lease, messages.map(delivered), "keep");
    expect((await readStored(db)).versions).toEqual([
      { orderKey: "a", version: 9 },
      { orderKey: "b", version: -1 },
    ]);
    await commit(db, [newMessage("a", { version: 7 })]);
    await settle(db, lease, (await fetchAll(db, lease)).map(delivered), "keep");
    expect((await readStored(db)).versions[0]).toEqual({ orderKey: "a", version: 9 });
  });

  test("retry: counts the attempt and blocks its order key only, until the time has come", async () => {
    const { lease, messages } = await take("a", "b", "a");
    await step(messages[0]!);
    await settle(db, lease, [retried(messages[0]!), delivered(messages[1]!), parked(messages[2]!)]);
    expect(await readStored(db)).toMatchObject({
      mailboxes: [{ due: "future", leased: false, head: messages[2]!.id }],
      messages: [
        { id: messages[0]!.id, attempts: 1, parked: true, suspect: true, code: "FAR_END", error: "503" },
        { id: messages[2]!.id, attempts: 0, parked: true, suspect: false },
      ],
      blocks: [{ orderKey: "a", due: "future" }],
      steps: [{ message: messages[0]!.id, name: "one" }],
    });
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    await letPass(db, 3_600_001);
    const again = await claimOne(db);
    const due = await fetchAll(db, again);
    expect(due.map(({ id, attempts, steps }) => ({ id, attempts, steps }))).toEqual([
      { id: messages[0]!.id, attempts: 1, steps: { one: '{"a":1}' } },
      { id: messages[2]!.id, attempts: 0, steps: {} },
    ]);
    expect(due[0]!.firstAttemptAtMs).not.toBeNull();
    await settle(db, again, due.map(delivered));
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: null }], messages: [], blocks: [] });
  });

  test("forgive: gives back the attempts that met the outage, and none from before something else failed", async () => {
    const { lease, messages } = await take("a", "b");
    const attempt = async (current: Lease, toResults: (messages: readonly Message[]) => Result[]): Promise<Lease> => {
      await settle(db, current, toResults(await fetchAll(db, current)));
      await letPass(db, 3_600_001);
      return await claimOne(db);
    };
    await settle(db, lease, [metOutage(messages[0]!), retried(messages[1]!)]);
    await letPass(db, 3_600_001);
    const second = await attempt(await claimOne(db), ([a, b]) => [retried(a!), metOutage(b!)]);
    const third = await attempt(second, (both) => both.map(metOutage));
    expect((await readStored(db)).messages.map(({ attempts }) => attempts)).toEqual([3, 3]);
    await settle(
      db,
      third,
      (await fetchAll(db, third)).map((message) => ({ kind: "forgive", message })),
      { more: true, waitMs: 1_000, why: "HTTP_CIRCUIT_OPEN" },
    );
    expect((await readStored(db)).messages).toMatchObject([
      { id: messages[0]!.id, attempts: 2, suspect: true, parked: true },
      { id: messages[1]!.id, attempts: 1, suspect: true, parked: true },
    ]);
    await letPass(db, 1_001);
    const last = await attempt(await claimOne(db), (both) => both.map((message) => ({ kind: "forgive", message })));
    expect((await fetchAll(db, last)).map(({ attempts }) => attempts)).toEqual([2, 1]);
  });

  test("retry: is due at the earliest block, whichever order key it is of", async () => {
    const { lease, messages } = await take("a", "b");
    await settle(db, lease, [retried(messages[0]!, 7_200_000), retried(messages[1]!, 1_000)]);
    await letPass(db, 1_001);
    expect(await fetchAll(db, await claimOne(db))).toMatchObject([{ orderKey: "b" }]);
  });

  test("retry: the block stays while messages behind it wait, and goes with the last of them", async () => {
    const { lease, messages } = await take("a", "a", "a");
    await settle(db, lease, [retried(messages[0]!, 0), parked(messages[1]!), parked(messages[2]!)]);
    const second = await claimOne(db);
    await settle(db, second, [delivered((await fetchAll(db, second))[0]!)]);
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: "past" }], blocks: [{ orderKey: "a", due: "past" }] });
    const third = await claimOne(db);
    await settle(db, third, (await fetchAll(db, third)).map(delivered));
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: null }], blocks: [], messages: [] });
  });

  test("dead: moves the message to the dead letters with its attempts and its steps, and lets its order key go on", async () => {
    const { lease, messages } = await take("a", "a");
    await step(messages[0]!);
    await settle(db, lease, [retried(messages[0]!, 0), parked(messages[1]!)]);
    const second = await claimOne(db);
    const [guilty, next] = await fetchAll(db, second);
    await settle(db, second, [dead(guilty!)]);
    expect(await readStored(db)).toMatchObject({
      mailboxes: [{ due: "past" }],
      messages: [{ id: next!.id, parked: true }],
      blocks: [{ orderKey: "a", due: "past" }],
      deadLetters: [{ id: guilty!.id, orderKey: "a", attempts: 2, code: "REFUSED", error: "No." }],
      steps: [{ message: guilty!.id }],
    });
    const third = await claimOne(db);
    await settle(db, third, (await fetchAll(db, third)).map(delivered));
    expect(await readStored(db)).toMatchObject({ messages: [], blocks: [], history: [{ id: next!.id }] });
  });

  test("park: always leaves a block, also when the one it was parked behind is gone", async () => {
    const { lease, messages } = await take("a");
    await settle(db, lease, [parked(messages[0]!)]);
    expect(await readStored(db)).toMatchObject({
      mailboxes: [{ due: "past" }],
      messages: [{ parked: true }],
      blocks: [{ orderKey: "a", due: "past" }],
    });
    expect(await fetchAll(db, await claimOne(db))).toMatchObject([{ id: messages[0]!.id, parked: true }]);
  });

  test("park: does not bring a later attempt forward", async () => {
    const { lease, messages } = await take("a", "a");
    await settle(db, lease, [retried(messages[0]!)], "keep");
    await settle(db, lease, [parked(messages[1]!)]);
    expect(await readStored(db)).toMatchObject({ mailboxes: [{ due: "future" }], blocks: [{ due: "future" }] });
  });

  test("park: in the settlement in which the one before it ends, the block stays for it", async () => {
    const { lease, messages } = await take("a");
    await settle(db, lease, [retried(messages[0]!, 0)]);
    const second = await claimOne(db);
    const [retry] = await fetchAll(db, second);
    await commit(db, [newMessage("a")]);
    const [, fresh] = await fetchAll(db, second);
    await settle(db, second, [delivered(retry!), parked(fresh!)]);
    expect(await readStored(db)).toMatchObject({ messages: [{ id: fresh!.id, parked: true }], blocks: [{ orderKey: "a", due: "past" }] });
  });

  test("suspend: the message stays first in line, is suspect and brings its steps along", async () => {
    const { lease, messages } = await take("a", "b");
    await step(messages[0]!);
    await settle(db, lease, [{ kind: "suspend", message: messages[0]! }], { more: true }, 0);
    const second = await claimOne(db);
    expect(await fetchAll(db, second)).toMatchObject([
      { id: messages[0]!.id, suspect: true, attempts: 0, parked: false, steps: { one: '{"a":1}' } },
      { id: messages[1]!.id, suspect: false },
    ]);
  });

  test("nothing to say renews the lease and keeps the note that more has come, for which the mailbox stays", async () => {
    const { lease } = await take("a");
    await letPass(db, leaseMs - 10);
    await commit(db, [newMessage("b")]);
    await settle(db, lease, [], "keep");
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: true, again: true, due: "future", token: 1 }]);
    await letPass(db, 1_000);
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    // Given back, it stays for what has come, with a lease as long as a new one.
    expect(await settle(db, lease, [])).toMatchObject({ kept: [{ mailbox: lease.mailbox, token: 2 }], due: [] });
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: true, again: false, due: "future", token: 2 }]);
    // Had the answer been lost, it would be given back once more: that must not count, or what has come would lie there for ever.
    expect(await settle(db, lease, [])).toMatchObject({ lost: [{ mailbox: lease.mailbox }] });
    await letPass(db, leaseMs - 1_000);
    expect(await claimDue(db, 10, leaseMs)).toEqual([]);
    await settle(db, { ...lease, token: 2 }, []);
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: false, again: false, due: null }]);
  });

  test("a mailbox whose turn is over is given back also when more has come", async () => {
    const { lease } = await take("a");
    await commit(db, [newMessage("b")]);
    expect(await settle(db, lease, [], { more: true })).toMatchObject({ kept: [], due: [{ mailbox: lease.mailbox }] });
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: false, again: true, due: "past" }]);
  });

  test("release: more to do goes to the end of the line; a pause holds everything back and says why", async () => {
    const { lease } = await take("a", "b");
    await settle(db, lease, [], { more: true });
    expect((await readStored(db)).mailboxes).toMatchObject([{ due: "past", why: null }]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 5_000, why: "HTTP_RATE_LIMITED" });
    expect((await readStored(db)).mailboxes).toMatchObject([{ due: "future", why: "HTTP_RATE_LIMITED", leased: false }]);
    await letPass(db, 5_001);
    expect(await claimOne(db)).toMatchObject({ takenOver: false });
    expect((await readStored(db)).mailboxes).toMatchObject([{ why: null }]);
  });

  test("the head never goes back", async () => {
    const { lease, messages } = await take("a", "b");
    await settle(db, lease, messages.map(delivered), "keep");
    await settle(db, lease, [], { more: false }, 0);
    expect((await readStored(db)).mailboxes).toMatchObject([{ head: messages[1]!.id }]);
  });

  const kinds: readonly (readonly [string, (message: Message) => Result])[] = [
    ["delivered", delivered],
    ["superseded", (message) => ({ kind: "superseded", message })],
    ["retry", retried],
    ["dead", dead],
    ["park", parked],
    ["suspend", (message) => ({ kind: "suspend", message })],
    ["retry that met an outage", metOutage],
    ["forgive", (message) => ({ kind: "forgive", message })],
  ];

  test.each(kinds)("the same twice counts once: %s", async (_kind, toResult) => {
    const { lease, messages } = await take("a", "b");
    await settle(
      db,
      lease,
      messages.map((message) => toResult(message)),
      "keep",
    );
    const once = await readStored(db);
    await settle(
      db,
      lease,
      messages.map((message) => toResult(message)),
      "keep",
    );
    expect(await readStored(db)).toEqual(once);
    // The answer to a release was lost: the second one finds the mailbox given back and changes nothing.
    await settle(db, lease, []);
    const released = await readStored(db);
    expect(
      await settle(
        db,
        lease,
        messages.map((message) => toResult(message)),
      ),
    ).toMatchObject({
      lost: [expect.objectContaining({ tenant: "acme", mailbox: "acme-desk/event" })],
    });
    expect(await readStored(db)).toEqual(released);
  });

  test.each(kinds)("an old token writes nothing: %s", async (_kind, toResult) => {
    const { lease, messages } = await take("a", "b");
    await letPass(db, leaseMs + 1);
    await claimOne(db);
    const before = await readStored(db);
    const { lost } = await settle(
      db,
      lease,
      messages.map((message) => toResult(message)),
    );
    expect(lost).toHaveLength(1);
    expect(await readStored(db)).toEqual(before);
  });

  test("a lease that ran out but that nobody took still counts", async () => {
    const { lease, messages } = await take("a");
    await letPass(db, leaseMs + 1);
    expect(await settle(db, lease, messages.map(delivered))).toMatchObject({ lost: [] });
    expect(await readStored(db)).toMatchObject({ messages: [], history: [{}] });
  });

  test("of several mailboxes only the lost one is left out", async () => {
    await commit(
      db,
      ["one", "two", "three"].map((target) => newMessage("a", { target })),
    );
    const leases = await claimDue(db, 10, leaseMs);
    const settlements = await Promise.all(
      leases.map(async (lease) => {
        const [message] = await fetchAll(db, lease);
        return {
          ...lease,
          token: lease.connection === "two" ? lease.token - 1 : lease.token,
          results: [delivered(message!)],
          release: { more: false },
          extend: false,
          head: message!.id,
        };
      }),
    );
    const { lost } = await settleMailboxes(db, vaultOf(db), settlements, leaseMs);
    expect(lost.map(({ mailbox }) => mailbox)).toEqual(["two/event"]);
    expect((await readStored(db)).mailboxes.map(({ mailbox, leased }) => [mailbox, leased])).toEqual([
      ["one/event", false],
      ["three/event", false],
      ["two/event", true],
    ]);
    expect((await readStored(db)).messages).toHaveLength(1);
  });

  test("keeps what Postgres refuses in text out of errors and codes: NUL, lone surrogates, a pair cut in half, great length", async () => {
    const { lease, messages } = await take("a", "b", "c");
    const errors = ["nul \0 nul", "lone \ud800 and \udc00", `${"x".repeat(1_999)}\u{1F600}`];
    const [first, second, third] = messages;
    await settle(db, lease, [
      { kind: "retry", message: first!, afterMs: 0, code: "A\0\ud800", error: errors[0]! },
      { kind: "dead", message: second!, code: "B\0\ud800", error: errors[1]! },
      { kind: "dead", message: third!, code: "C", error: errors[2]! },
    ]);
    const { messages: kept, deadLetters } = await readStored(db);
    expect(kept).toMatchObject([{ code: "A\uFFFD\uFFFD", error: "nul \uFFFD nul" }]);
    expect(deadLetters).toMatchObject([
      { code: "B\uFFFD\uFFFD", error: "lone \uFFFD and \uFFFD" },
      { error: `${"x".repeat(1_999)}\uFFFD` },
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -5_000])(
    "a pause of %d ms, however it came about, neither fails nor strands the mailbox",
    async (afterMs) => {
      const { lease, messages } = await take("a", "b");
      await settle(db, lease, [retried(messages[0]!, afterMs)], { more: true, waitMs: afterMs, why: "WHY" });
      await letPass(db, 400 * 86_400_000);
      expect(await fetchAll(db, await claimOne(db))).toHaveLength(2);
    },
  );
});
