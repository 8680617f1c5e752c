import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { claimOne, commit, empty, fetchAll, letPass, newMessage, parked, readStored, settle } from "./__fixtures__/mailbox.ts";
import { compareMailboxes } from "./commit-messages.ts";
import { fetchMessages } from "./fetch-messages.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

const text = (length: number): string => "é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2);
const bytes = (length: number): Uint8Array => new TextEncoder().encode(text(length));

describe.each(databases)("messages on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  test("keep their order and every field, and make their mailboxes due", async () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await commit(db, [
      newMessage("a", { version: 7, trace, eventKey: "evt_1" }),
      newMessage("b", { target: "other" }),
      newMessage("c", { lane: "backfill" }),
      newMessage("a"),
    ]);
    const leases = await claimDue(db, 10, 60_000);
    expect(
      leases
        .toSorted(compareMailboxes)
        .map(({ mailbox, connection, lane, token, head, takenOver }) => [mailbox, connection, lane, token, head, takenOver]),
    ).toEqual([
      ["acme-desk/backfill", "acme-desk", "backfill", 1, 0, false],
      ["acme-desk/event", "acme-desk", "event", 1, 0, false],
      ["other/event", "other", "event", 1, 0, false],
    ]);
    const messages = await fetchAll(
      db,
      leases.find(({ mailbox }) => mailbox === "acme-desk/event")!,
    );
    expect(messages.map(({ orderKey }) => orderKey)).toEqual(["a", "a"]);
    const [first, second] = messages;
    expect(second!.id).toBeGreaterThan(first!.id);
    expect(first).toMatchObject({
      tenant: "acme",
      mailbox: "acme-desk/event",
      flow: "flow",
      connection: "acme-source",
      eventKey: "evt_1",
      eventType: "thing.changed",
      version: 7,
      trace,
      attempts: 0,
      suspect: false,
      parked: false,
      blocked: false,
      appliedVersion: null,
      firstAttemptAtMs: null,
      steps: {},
      payload: '{"orderKey":"a"}',
    });
  });

  test("with payloads on both sides of the limit come back as they were", async () => {
    const payloads = [text(1), text(8_192), text(8_193), text(300_000), String.raw`{"a":"\\x00 ' \u0000 \ud800"}`, "\u{1F600}"];
    await commit(
      db,
      payloads.map((payload, index) => newMessage(`k${index}`, { payload: new TextEncoder().encode(payload) })),
    );
    const messages = await fetchAll(db, await claimOne(db));
    expect(messages.map(({ payload }) => payload)).toEqual(payloads);
    const { rows } = await sql<{ blobs: number; inline: number }>`
      select (select count(*)::integer from belay.blob) as blobs, (select count(*)::integer from belay.message where payload is not null) as inline`.execute(
      db,
    );
    expect(rows).toEqual([{ blobs: 2, inline: 4 }]);
  });

  test("store a large event once, however many flows read it and however often it comes, but once for each tenant", async () => {
    const payload = bytes(20_000);
    const twice = ["one", "two"].map((flow) => newMessage("a", { flow, payload }));
    await commit(db, twice);
    await commit(db, [newMessage("a", { payload: Uint8Array.from(payload) }), newMessage("b", { tenant: "globex", payload })]);
    const { rows } = await sql<{
      tenant: string;
      length: number;
    }>`select tenant, length(bytes) as length from belay.blob order by tenant`.execute(db);
    expect(rows).toEqual([
      { tenant: "acme", length: 20_031 },
      { tenant: "globex", length: 20_031 },
    ]);
    const messages = await fetchMessages(
      db,
      vaultOf(db),
      (await claimDue(db, 10, 1_000)).map((lease) => ({ ...lease, after: 0, limit: 10 })),
    );
    expect(messages.map((message) => message.payload.length)).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  test("that failed validation become dead letters and make nothing due", async () => {
    await commit(db, [], [{ ...newMessage("a"), code: "CONTRACT_PAYLOAD_INVALID", error: "total: expected number" }]);
    expect(await readStored(db)).toMatchObject({
      mailboxes: [],
      messages: [],
      deadLetters: [{ orderKey: "a", attempts: 0, code: "CONTRACT_PAYLOAD_INVALID", error: "total: expected number" }],
    });
  });

  test("wait no longer than the work before them: a later retry does not delay a new message", async () => {
    await commit(db, [newMessage("a")]);
    const lease = await claimOne(db);
    const [message] = await fetchAll(db, lease);
    await settle(db, lease, [{ kind: "retry", message: message!, afterMs: 60_000, code: "C", error: "e" }]);
    expect(await claimDue(db, 10, 1_000)).toEqual([]);
    await commit(db, [newMessage("b")]);
    expect(await claimDue(db, 10, 1_000)).toHaveLength(1);
  });

  test("do not end a pause of their mailbox", async () => {
    await commit(db, [newMessage("a")]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 60_000, why: "RATE" });
    await commit(db, [newMessage("b")]);
    expect(await claimDue(db, 10, 1_000)).toEqual([]);
    expect((await readStored(db)).mailboxes).toMatchObject([{ due: "future", why: "RATE" }]);
    await letPass(db, 60_001);
    expect(await claimDue(db, 10, 1_000)).toMatchObject([{ takenOver: false }]);
  });

  test("committed under a lease leave a note, and the mailbox stays with its holder instead of being handed back", async () => {
    await commit(db, [newMessage("a")]);
    const lease = await claimOne(db);
    const [message] = await fetchAll(db, lease);
    await commit(db, [newMessage("b")]);
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: true, again: true, due: "future" }]);
    expect(await claimDue(db, 10, 1_000)).toEqual([]);
    await settle(db, lease, [{ kind: "delivered", message: message!, stepped: false }]);
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: true, again: false, due: "future" }]);
    expect((await fetchAll(db, lease)).map(({ orderKey }) => orderKey)).toEqual(["b"]);
  });

  test("are claimed longest due first, no more than asked for, and not twice", async () => {
    for (const target of ["one", "two", "three"]) {
      await commit(db, [newMessage("a", { target })]);
      await letPass(db, 1_000);
    }
    expect((await claimDue(db, 2, 60_000)).map(({ connection }) => connection).toSorted()).toEqual(["one", "two"]);
    expect((await claimDue(db, 2, 60_000)).map(({ connection }) => connection)).toEqual(["three"]);
    expect(await claimDue(db, 2, 60_000)).toEqual([]);
  });

  test("of a lease that ran out are claimed again under a higher token, and count as begun before", async () => {
    await commit(db, [newMessage("a")]);
    const lost = await claimOne(db);
    await letPass(db, 60_001);
    const lease = await claimOne(db);
    expect(lease).toMatchObject({ token: lost.token + 1, takenOver: true });
    expect(await fetchAll(db, lease)).toMatchObject([{ suspect: true, attempts: 0 }]);
  });

  test("of a lost lease stay suspect when the next worker hands back without having begun them", async () => {
    await commit(db, [newMessage("a")]);
    await claimOne(db);
    await letPass(db, 60_001);
    const second = await claimOne(db);
    await settle(db, second, [], { more: true, waitMs: 0, why: "RATE" });
    await commit(db, [newMessage("b")]);
    const third = await claimOne(db);
    expect(third.takenOver).toBe(false);
    expect(await fetchAll(db, third)).toMatchObject([
      { orderKey: "a", suspect: true },
      { orderKey: "b", suspect: false },
    ]);
  });

  test("are fetched above the cursor, up to the limit, several mailboxes at once, each in its order", async () => {
    const targets = ["one", "two"];
    await commit(
      db,
      targets.flatMap((target) => ["a", "b", "c"].map((key) => newMessage(key, { target }))),
    );
    const leases = (await claimDue(db, 10, 60_000)).toSorted(compareMailboxes);
    const first = await fetchMessages(
      db,
      vaultOf(db),
      leases.map((lease) => ({ ...lease, after: 0, limit: 2 })),
    );
    expect(first.map(({ mailbox, orderKey }) => `${mailbox} ${orderKey}`)).toEqual([
      "one/event a",
      "one/event b",
      "two/event a",
      "two/event b",
    ]);
    const rest = await fetchMessages(
      db,
      vaultOf(db),
      leases.map((lease, index) => ({ ...lease, after: first[index * 2 + 1]!.id, limit: 2 })),
    );
    expect(rest.map(({ mailbox, orderKey }) => `${mailbox} ${orderKey}`)).toEqual(["one/event c", "two/event c"]);
  });

  test("behind a block are fetched when it is due, before new ones; until then new ones of the key are marked as blocked", async () => {
    await commit(
      db,
      ["a", "a", "b"].map((key) => newMessage(key)),
    );
    const lease = await claimOne(db);
    const [first, second, other] = await fetchAll(db, lease);
    await settle(db, lease, [
      { kind: "retry", message: first!, afterMs: 60_000, code: "C", error: "e" },
      parked(second!),
      { kind: "delivered", message: other!, stepped: false },
    ]);
    await commit(
      db,
      ["a", "c"].map((key) => newMessage(key)),
    );
    const waiting = await claimOne(db);
    expect(await fetchAll(db, waiting)).toMatchObject([
      { orderKey: "a", parked: false, blocked: true },
      { orderKey: "c", blocked: false },
    ]);
    await letPass(db, 60_001);
    expect(await fetchAll(db, waiting)).toMatchObject([
      { id: first!.id, parked: true, blocked: false, attempts: 1, suspect: true },
      { id: second!.id, parked: true, blocked: false, attempts: 0 },
      { orderKey: "a", parked: false, blocked: true },
      { orderKey: "c", blocked: false },
    ]);
  });

  test("carry the newest version that their flow applied to their entity", async () => {
    await commit(db, [newMessage("a", { version: 5 }), newMessage("a", { version: 6, flow: "other" }), newMessage("b", { version: 1 })]);
    const lease = await claimOne(db);
    const [first] = await fetchAll(db, lease);
    await settle(db, lease, [{ kind: "delivered", message: first!, stepped: false }], "keep");
    expect((await fetchAll(db, lease)).map(({ flow, orderKey, appliedVersion }) => [flow, orderKey, appliedVersion])).toEqual([
      ["other", "a", null],
      ["flow", "b", null],
    ]);
    await commit(db, [newMessage("a", { version: 4 }), newMessage("a")]);
    expect((await fetchAll(db, lease)).slice(2).map(({ version, appliedVersion }) => [version, appliedVersion])).toEqual([
      [4, 5],
      [null, null],
    ]);
  });
});

test("mailboxes are compared as Postgres does under collate C", () => {
  const keys = [
    ["b", "a"],
    ["a", "z"],
    ["a", "Z"],
    ["A", "z"],
    ["a", ""],
  ].map(([tenant = "", mailbox = ""]) => ({ tenant, mailbox }));
  expect(keys.toSorted(compareMailboxes).map(({ tenant, mailbox }) => tenant + mailbox)).toEqual(["Az", "a", "aZ", "az", "ba"]);
});
