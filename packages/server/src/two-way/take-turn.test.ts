import type { PageRecord } from "@belay/sdk/sync";
import { expect, test, vi } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Db } from "../db/index.ts";
import { applyPlan, planPage } from "../records/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { people as definition } from "./__fixtures__/people.ts";
import { type PumpParts, startTwoWayPump } from "./pump.ts";
import { ensureTwoWays } from "./store.ts";
import { takeTurn } from "./take-turn.ts";

/** A process in whose configuration this is the tenant's address book. */
const partsOf = (db: Db, book: string): Omit<PumpParts, "onCommitted"> => {
  const connections = [
    { id: "acme-crm", tenant: "acme", connector: "crm" },
    { id: book, tenant: "acme", connector: "book" },
  ];
  return {
    db,
    cipher: vaultOf(db),
    clock: systemClock,
    logger: createLogger("silent"),
    catalog: {
      twoWays: new Map([[definition.id, definition]]),
      connections: new Map(connections.map((connection) => [connection.id, connection])),
      ofTenant: () => connections,
      watch: () => () => {},
    },
  };
};
const key = { tenant: "acme", twoWay: definition.id };

/** The same at both sides. */
async function keepAda(db: Db): Promise<void> {
  for (const [connection, sync] of [["acme-crm", "crm"] as const, ["new-book", "book"] as const]) {
    const origin = { tenant: "acme", connection, resource: "person", model: "contact", sync, mapping: "1", walk: 1 };
    const ada: PageRecord = { kind: "mapped", externalId: "1", version: null, data: '{"name":"Ada"}', raw: "{}", keys: [] };
    const identify = async () => ({ ids: new Map([["1", "ada"]]), confirm: async () => true, keep: async () => {} });
    const plan = await planPage({ db, cipher: vaultOf(db), clock: systemClock, identify }, origin, [ada]);
    await db.transaction().execute((tx) => applyPlan(tx, plan, false));
  }
}

test.each(databases)(
  "a process that knows another connection as a side passes over nothing of those who know it, on $name",
  async ({ open }) => {
    await using database = await open();
    const { db } = database;
    await keepAda(db);
    await ensureTwoWays(db, [{ ...key, a: "acme-crm", b: "new-book", begun: 0 }]);
    expect((await takeTurn(partsOf(db, "old-book"), key)).mailboxes).toEqual([]);
    expect((await takeTurn(partsOf(db, "new-book"), key)).mailboxes).toMatchObject([{ tenant: "acme" }]);
  },
);

test.each(databases)("what a process that is gone has put between other connections goes on after a while, on $name", async ({ open }) => {
  await using database = await open();
  const { db } = database;
  let aheadMs = 0;
  const got = new Set<string>();
  const pump = startTwoWayPump({
    ...partsOf(db, "new-book"),
    clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
    onCommitted: (mailboxes) => {
      for (const { tenant } of mailboxes) got.add(tenant);
    },
  });
  try {
    // A process of the configuration before is started after this one.
    await vi.waitFor(async () => expect(await ensureTwoWays(db, [{ ...key, a: "acme-crm", b: "old-book", begun: 0 }])).toHaveLength(1), {
      timeout: 60_000,
    });
    await keepAda(db);
    await vi.waitFor(
      () => {
        aheadMs += 60_000;
        expect([...got]).toEqual(["acme"]);
      },
      { timeout: 60_000 },
    );
  } finally {
    await pump.close();
  }
});
