import { seededRandom } from "@belay/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database, Db } from "../../../packages/server/src/db/index.ts";
import { empty } from "../../../packages/server/src/mailbox/__fixtures__/mailbox.ts";
import { settleMailboxes } from "../../../packages/server/src/mailbox/settle-mailboxes.ts";
import { claimDue } from "../../../packages/server/src/mailbox/__fixtures__/claim-due.ts";
import { wakeMailboxes } from "../../../packages/server/src/mailbox/store.ts";
import { openFreshPostgres } from "../../setup/database.ts";
import { type Call, findLinearization } from "./check-linearizable.ts";
import { type LeaseInput, leaseModel, type LeaseOutput } from "./lease-model.ts";
import { vaultOf } from "../../setup/vault.ts";

const key = { tenant: "acme", mailbox: "acme-desk/event" };
const row = { tenant: "acme", id: "acme-desk/event", connection: "acme-desk", lane: "event" } as const;
/** Longer than the test: leases end when the history says so. */
const leaseMs = 600_000;
const workers = 4;
const callsEach = 12;

let database: Database;
beforeAll(async () => {
  database = await openFreshPostgres({ connections: workers + 2 });
});
afterAll(() => database.close());
beforeEach(() => empty(database.db));

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "what workers at once see of a mailbox's lease could have happened one after the other (seed %i)",
  async (seed) => {
    const history = await record(database.db, seed);
    expect(history.filter(({ output }) => output.kind === "claimed").length).toBeGreaterThan(0);
    expect(findLinearization(history, leaseModel), JSON.stringify(history, undefined, 1)).toBeDefined();
  },
);

test("the same histories with one result that should have been lost are refused", async () => {
  const isLost = ({ output }: Call<LeaseInput, LeaseOutput>): boolean => output.kind === "lost";
  let history: Call<LeaseInput, LeaseOutput>[] = [];
  // Who comes first is the database's to say: one of them may happen to lose nothing.
  for (let seed = 1; !history.some(isLost); seed += 1) {
    // A lease that the history before has left would keep all workers of this one out.
    await empty(database.db);
    history = await record(database.db, seed);
  }
  const forged = history.map((call) => (isLost(call) ? { ...call, output: { kind: "held" as const } } : call));
  expect(findLinearization(forged, leaseModel)).toBeUndefined();
});

/** Several workers do what they like with one mailbox, tokens of theirs that are long gone among it. */
async function record(db: Db, seed: number): Promise<Call<LeaseInput, LeaseOutput>[]> {
  const calls: Call<LeaseInput, LeaseOutput>[] = [];
  let clock = 0;
  const work = async (client: string, random: () => number): Promise<void> => {
    let token = 0;
    for (let count = 0; count < callsEach; count += 1) {
      const input = draw(random, token);
      const calledAt = (clock += 1);
      const output = await perform(db, input);
      calls.push({ client, input, output, calledAt, answeredAt: (clock += 1) });
      if (output.kind === "claimed" || output.kind === "kept") token = output.token;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => work(`worker ${index}`, seededRandom(seed * 100 + index))));
  return calls;
}

function draw(random: () => number, token: number): LeaseInput {
  const dice = random();
  if (dice < 0.2) return { kind: "wake" };
  if (dice < 0.5 || token === 0) return { kind: "claim" };
  if (dice < 0.65) return { kind: "extend", token };
  if (dice < 0.9) return { kind: "hand-back", token, more: random() < 0.3 };
  return { kind: "expire" };
}

async function perform(db: Db, input: LeaseInput): Promise<LeaseOutput> {
  switch (input.kind) {
    case "wake":
      await db.transaction().execute((tx) => wakeMailboxes(tx, [row]));
      return { kind: "done" };
    case "expire":
      await sql`update belay.mailbox set due_at = belay.now() where leased`.execute(db);
      return { kind: "done" };
    case "claim": {
      const [lease] = await claimDue(db, 1, leaseMs);
      return lease === undefined ? { kind: "nothing-due" } : { kind: "claimed", token: lease.token, takenOver: lease.takenOver };
    }
    case "extend":
    case "hand-back": {
      const how = input.kind === "extend" ? { extend: true } : { extend: false, release: { more: input.more } };
      const { lost, kept } = await settleMailboxes(
        db,
        vaultOf(db),
        [{ ...key, token: input.token, head: 0, results: [], ...how }],
        leaseMs,
      );
      if (kept[0] !== undefined) return { kind: "kept", token: kept[0].token };
      return { kind: lost.length === 0 ? "held" : "lost" };
    }
  }
}
