import { BelayError } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import { expect, test, vi } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { applyPlan, planPage } from "../records/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { people as definition } from "./__fixtures__/people.ts";
import { startTwoWayPump } from "./pump.ts";

test.each(databases)("a tenant for whom nothing can be sealed does not keep others from their turns, on $name", async ({ open }) => {
  await using database = await open();
  const { db } = database;
  const cipher = vaultOf(db);
  const connections = ["locked", "other"].flatMap((tenant) =>
    ["crm", "book"].map((connector) => ({ id: `${tenant}-${connector}`, tenant, connector })),
  );
  for (const { id, tenant, connector } of connections) {
    const origin = { tenant, connection: id, resource: "person", model: "contact", sync: connector, mapping: "1", walk: 1 };
    const ada: PageRecord = { kind: "mapped", externalId: "1", version: null, data: '{"name":"Ada"}', raw: "{}", keys: [] };
    const identify = async () => ({ ids: new Map([["1", "ada"]]), confirm: async () => true, keep: async () => {} });
    const plan = await planPage({ db, cipher, clock: systemClock, identify }, origin, [ada]);
    await db.transaction().execute((tx) => applyPlan(tx, plan, false));
  }
  let isLocked = true;
  const locked: Cipher = {
    ...cipher,
    seal: async (items) => {
      if (isLocked && items.some(({ tenant }) => tenant === "locked"))
        throw new BelayError("VAULT_MASTER_KEY_UNKNOWN", "The master key of this tenant is out of reach.");
      return await cipher.seal(items);
    },
  };
  const got = new Set<string>();
  const pump = startTwoWayPump({
    db,
    cipher: locked,
    clock: systemClock,
    logger: createLogger("silent"),
    catalog: {
      twoWays: new Map([[definition.id, definition]]),
      connections: new Map(connections.map((connection) => [connection.id, connection])),
      ofTenant: (tenant) => connections.filter((connection) => connection.tenant === tenant),
      watch: () => () => {},
    },
    onCommitted: (mailboxes) => {
      for (const { tenant } of mailboxes) got.add(tenant);
    },
  });
  try {
    await vi.waitFor(() => expect([...got]).toEqual(["other"]), { timeout: 60_000 });
    isLocked = false;
    await vi.waitFor(() => expect([...got]).toEqual(["other", "locked"]), { timeout: 60_000 });
  } finally {
    await pump.close();
  }
});
