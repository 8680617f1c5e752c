import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { claimOne, commit, empty, fetchAll, newMessage, parked, readStored, settle } from "./__fixtures__/mailbox.ts";
import { resumeMailboxes } from "./resume-mailboxes.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";

const why = "CREDENTIAL_MISSING";

describe.each(databases)("resuming on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  test("a mailbox that pauses for one of the causes is due at once; one that pauses for another is not, nor another tenant's", async () => {
    await commit(db, [newMessage("a")]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 600_000, why }, 0);
    await commit(db, [newMessage("b", { target: "acme-other" })]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 600_000, why: "RATE" }, 0);
    await commit(db, [newMessage("c", { tenant: "globex" })]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 600_000, why }, 0);
    expect(await resumeMailboxes(db, "acme", [why])).toBe(1);
    expect((await claimOne(db)).mailbox).toBe("acme-desk/event");
  });

  test("a message that waits behind a block for one of the causes is due at once, with those behind it", async () => {
    await commit(db, [newMessage("a"), newMessage("a"), newMessage("b")]);
    const lease = await claimOne(db);
    const [first, second, other] = await fetchAll(db, lease);
    const retry = { kind: "retry", afterMs: 600_000, error: "401" } as const;
    await settle(db, lease, [{ ...retry, message: first!, code: why }, parked(second!), { ...retry, message: other!, code: "FAR_END" }]);
    expect(await claimDue(db, 10, 1_000)).toEqual([]);
    await resumeMailboxes(db, "acme", [why]);
    expect((await readStored(db)).blocks).toEqual([
      { orderKey: "a", due: "past" },
      { orderKey: "b", due: "future" },
    ]);
    const again = await fetchAll(db, await claimOne(db));
    expect(again.filter((message) => message.parked).map(({ orderKey }) => orderKey)).toContain("a");
  });

  test("a mailbox that is leased is looked at again when it is given back", async () => {
    await commit(db, [newMessage("a")]);
    const lease = await claimOne(db);
    const [message] = await fetchAll(db, lease);
    await settle(db, lease, [{ kind: "retry", afterMs: 600_000, error: "401", message: message!, code: why }], "keep");
    expect(await resumeMailboxes(db, "acme", [why])).toBe(1);
    expect((await readStored(db)).mailboxes).toMatchObject([{ leased: true, again: true }]);
  });

  test("nothing that waits is nothing to do", async () => {
    expect(await resumeMailboxes(db, "acme", [why])).toBe(0);
  });
});
