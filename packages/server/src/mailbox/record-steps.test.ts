import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { claimOne, commit, delivered, empty, fetchAll, leaseMs, letPass, newMessage, readStored, settle } from "./__fixtures__/mailbox.ts";
import { recordSteps, type StepRecord } from "./record-steps.ts";
import { fetchMessages } from "./fetch-messages.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";
import type { Lease, Message } from "./types.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("recorded steps on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
  });
  afterAll(() => database.close());
  beforeEach(() => empty(db));

  async function take(count: number): Promise<{ lease: Lease; messages: Message[] }> {
    await commit(
      db,
      Array.from({ length: count }, (_, index) => newMessage(`k${index}`)),
    );
    const lease = await claimOne(db);
    return { lease, messages: await fetchAll(db, lease) };
  }

  const of = ({ tenant, mailbox, id }: Message, name: string, result = "1"): StepRecord => ({
    tenant,
    mailbox,
    message: id,
    name,
    result,
    wrote: true,
  });

  test("of many runs at once are all on disk when their promises say so, and come back with the next attempt", async () => {
    const { messages } = await take(50);
    const record = recordSteps(db, vaultOf(db));
    await Promise.all(messages.flatMap((message) => [record(of(message, "one")), record(of(message, "two", '"\\u0000\\ud800 ü"'))]));
    expect((await readStored(db)).steps).toHaveLength(100);
    await letPass(db, leaseMs + 1);
    const [first] = await fetchMessages(
      db,
      vaultOf(db),
      (await claimDue(db, 1, leaseMs)).map((lease) => ({ ...lease, after: 0, limit: 1 })),
    );
    expect(first!.steps).toEqual({ one: "1", two: '"\\u0000\\ud800 ü"' });
    expect(JSON.parse(first!.steps["two"]!)).toBe("\0\ud800 ü");
  });

  test("keep their first result", async () => {
    const { messages } = await take(1);
    const record = recordSteps(db, vaultOf(db));
    await record(of(messages[0]!, "one", '"first"'));
    await Promise.all([record(of(messages[0]!, "one", '"second"')), record(of(messages[0]!, "one", '"third"'))]);
    expect((await readStored(db)).steps).toEqual([{ message: messages[0]!.id, name: "one", result: '"first"' }]);
  });

  test("of a message that has ended are dropped", async () => {
    const { lease, messages } = await take(1);
    await settle(db, lease, messages.map(delivered));
    await recordSteps(db, vaultOf(db))(of(messages[0]!, "late"));
    expect((await readStored(db)).steps).toEqual([]);
  });

  test("with a name that Postgres refuses cost no other", async () => {
    const { messages } = await take(20);
    const record = recordSteps(db, vaultOf(db));
    const outcomes = await Promise.allSettled(messages.map((message, index) => record(of(message, index === 7 ? "nul \0" : "one"))));
    expect(outcomes.map(({ status }, index) => [index, status]).filter(([, status]) => status === "rejected")).toEqual([[7, "rejected"]]);
    expect((await readStored(db)).steps).toHaveLength(19);
    await record(of(messages[7]!, "one"));
  });
});
