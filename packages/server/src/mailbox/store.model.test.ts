import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { Disk } from "./__fixtures__/disk.ts";
import { commit, empty, leaseMs, letPass, newMessage } from "./__fixtures__/mailbox.ts";
import { ActiveMailbox, type Verdict } from "./active-mailbox.ts";
import { settleMailboxes } from "./settle-mailboxes.ts";
import { fetchMessages } from "./fetch-messages.ts";
import { claimDue } from "./__fixtures__/claim-due.ts";
import type { Lease, Message } from "./types.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

/*
 * The tables against the model of them that the worker's own model test rests on: whatever is committed, worked on, lost and retried in whatever order, both hold
 * the same messages, heads, blocks and versions, and give a worker the same to do.
 */

const limit = 50;
/** As `messagesPerBlock` of the store. */
const perBlock = 16;
/** No retry is due before the history says so. */
const retryMs = 600 * leaseMs;

/** The product's statements on one mailbox. */
interface Tables {
  readonly db: Db;
  held: { readonly lease: Lease; readonly mailbox: ActiveMailbox } | undefined;
}

abstract class Action implements fc.AsyncCommand<Disk, Tables> {
  check(_disk: Readonly<Disk>): boolean {
    return true;
  }

  async run(disk: Disk, tables: Tables): Promise<void> {
    await this.perform(disk, tables);
    await compare(disk, tables.db);
  }

  abstract perform(disk: Disk, tables: Tables): Promise<void>;
}

class Commit extends Action {
  readonly orderKey: string;
  readonly version: number | null;

  constructor(orderKey: string, version: number | null) {
    super();
    this.orderKey = orderKey;
    this.version = version;
  }

  async perform(disk: Disk, { db }: Tables): Promise<void> {
    await commit(db, [newMessage(this.orderKey, { version: this.version })]);
    disk.commit(this.orderKey, this.version);
  }

  override toString(): string {
    return `commit ${this.orderKey} ${this.version}`;
  }
}

/** Claims the mailbox unless it is held, fetches, runs all there is with these ends, and writes them down. */
class Work extends Action {
  readonly verdicts: readonly Verdict[];
  readonly release: boolean;

  constructor(verdicts: readonly Verdict[], release: boolean) {
    super();
    this.verdicts = verdicts;
    this.release = release;
  }

  async perform(disk: Disk, tables: Tables): Promise<void> {
    const { db } = tables;
    tables.held ??= await claim(disk, db);
    if (tables.held === undefined) return;
    const { lease, mailbox } = tables.held;
    const fetched = await fetchMessages(db, vaultOf(db), [{ ...lease, after: mailbox.cursor, limit }]);
    expect(fetched.map(toComparable)).toEqual(disk.fetch(mailbox.cursor, limit, perBlock).map(toComparable));
    let running = mailbox.accept(fetched, limit);
    for (let count = 0; ;) {
      for (const message of running) mailbox.finish(message, this.verdicts[count++ % this.verdicts.length] ?? { kind: "suspended" }, 0);
      const release = mailbox.idle && mailbox.results === 0 && (this.release || mailbox.stopping);
      const settlement = mailbox.toSettlement(false, release ? { more: mailbox.stopping } : undefined);
      const { lost, kept } = await settleMailboxes(db, vaultOf(db), [settlement], leaseMs);
      expect(lost).toEqual([]);
      disk.settle(settlement);
      running = mailbox.settled();
      if (release) tables.held = kept[0] === undefined ? undefined : leaseAnew(disk, lease, kept[0].token);
      if (release || (running.length === 0 && mailbox.results === 0 && !this.release && !mailbox.stopping)) return;
    }
  }

  override toString(): string {
    return `work ${this.verdicts.map(({ kind }) => kind).join(", ")}${this.release ? ", hand back" : ""}`;
  }
}

/** The worker is gone, and its lease runs out. */
class Lose extends Action {
  async perform(_disk: Disk, tables: Tables): Promise<void> {
    tables.held = undefined;
    await letPass(tables.db, leaseMs + 1);
  }

  override toString(): string {
    return "lose the lease";
  }
}

/** So much time passes that every block is due; a lease would not have lasted. */
class Wait extends Action {
  async perform(disk: Disk, tables: Tables): Promise<void> {
    tables.held = undefined;
    await letPass(tables.db, retryMs + 1);
    for (const block of disk.blocks.values()) block.due = true;
  }

  override toString(): string {
    return "wait for the blocks";
  }
}

async function claim(disk: Disk, db: Db): Promise<Tables["held"]> {
  const [lease] = await claimDue(db, 1, leaseMs);
  if (lease === undefined) {
    const waiting = disk.rows.filter(
      ({ state, orderKey }) => state === "fresh" || (state === "parked" && disk.blocks.get(orderKey)?.due === true),
    );
    expect(waiting, "nothing is due, though there is work").toEqual([]);
    return undefined;
  }
  const { token, head, suspectUntil } = disk.claim(lease.takenOver);
  expect({ token: lease.token, head: lease.head, suspectUntil: lease.suspectUntil }).toEqual({ token, head, suspectUntil });
  return { lease, mailbox: new ActiveMailbox(lease, 0) };
}

/** Given back while more had come: it stays with its worker under another token. */
function leaseAnew(disk: Disk, lease: Lease, token: number): Tables["held"] {
  const { head, token: next } = disk.claim(false);
  expect(token).toBe(next);
  const anew = { ...lease, token, head, takenOver: false };
  return { lease: anew, mailbox: new ActiveMailbox(anew, 0) };
}

function toComparable({ id, orderKey, version, attempts, suspect, parked, blocked, appliedVersion }: Message): unknown {
  return { id, orderKey, version, attempts, suspect, parked, blocked, appliedVersion: version === null ? null : appliedVersion };
}

async function compare(disk: Disk, db: Db): Promise<void> {
  const read = async <Row>(query: ReturnType<typeof sql<Row>>): Promise<Row[]> => (await query.execute(db)).rows;
  const unfinished = disk.rows.filter(({ state }) => state !== "ended");
  expect(await read(sql`select id, attempts, parked, suspect from belay.message order by id`)).toEqual(
    unfinished.map(({ id, attempts, state, suspect }) => ({ id, attempts, parked: state === "parked", suspect })),
  );
  expect(await read(sql`select order_key as key from belay.block order by order_key`)).toEqual(
    [...disk.blocks.keys()].toSorted().map((key) => ({ key })),
  );
  expect(await read(sql`select order_key as key, version from belay.entity_version order by order_key`)).toEqual(
    [...disk.versions].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, version]) => ({ key, version })),
  );
  for (const { head } of await read<{ head: number }>(sql`select head from belay.mailbox`)) expect(head).toBe(disk.head);
}

const verdict = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Verdict>({ kind: "delivered", stepped: false }) },
  { weight: 3, arbitrary: fc.constant<Verdict>({ kind: "retry", afterMs: retryMs, code: "FAR_END", error: "503" }) },
  { weight: 2, arbitrary: fc.constant<Verdict>({ kind: "dead", code: "REFUSED", error: "No." }) },
  { weight: 1, arbitrary: fc.constant<Verdict>({ kind: "suspended" }) },
);

const commands = fc.commands(
  [
    fc.tuple(fc.constantFrom("a", "b", "c"), fc.option(fc.nat(4))).map(([orderKey, version]) => new Commit(orderKey, version)),
    fc.tuple(fc.array(verdict, { minLength: 1, maxLength: 5 }), fc.boolean()).map(([verdicts, release]) => new Work(verdicts, release)),
    fc.tuple(fc.array(verdict, { minLength: 1, maxLength: 5 }), fc.boolean()).map(([verdicts, release]) => new Work(verdicts, release)),
    fc.constant(new Lose()),
    fc.constant(new Wait()),
  ],
  { maxCommands: 30, size: "max" },
);

describe.each(databases)("the tables of mailboxes on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  test("hold what their model holds, whatever happens in whatever order", async () => {
    const { db } = database;
    await fc.assert(
      fc.asyncProperty(commands, async (plan) => {
        await empty(db);
        await sql`alter sequence belay.message_id restart`.execute(db);
        await fc.asyncModelRun(() => ({ model: new Disk(), real: { db, held: undefined } }), plan);
      }),
      { numRuns: 25 },
    );
  });
});
