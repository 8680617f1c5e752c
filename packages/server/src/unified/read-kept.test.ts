import { unified, type UnifiedModel } from "@belay/sdk/models";
import { expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Catalog } from "../catalog/index.ts";
import { applyPlan, planPage } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { listKept } from "./index.ts";

test("what cannot be read any more is left out, and hides nothing that lies behind it", async () => {
  await using database = await openFreshPostgres();
  const { db } = database;
  const parts = { db, cipher: vaultOf(db), clock: systemClock };
  const keep = async (externalId: string): Promise<void> => {
    const origin = { tenant: "acme", connection: "crm", resource: "contact", model: "contact", sync: "contacts", mapping: "1", walk: 1 };
    const data = { ...empty, name: externalId };
    const record = { kind: "mapped", externalId, version: null, data: JSON.stringify(data), raw: "{}", keys: [] } as const;
    const plan = await planPage(parts, origin, [record]);
    await db.transaction().execute((tx) => applyPlan(tx, plan, false));
  };
  for (const id of ["1", "2"]) await keep(id);
  await vaultOf(db).destroy("acme");
  await keep("3");

  const catalog = { connections: new Map(), connectors: new Map(), syncs: new Map() } as unknown as Catalog;
  const read = async (after: string, limit: number) =>
    await listKept(
      { ...parts, catalog },
      unified.contact as unknown as UnifiedModel,
      { tenant: "acme" },
      {
        after: { connection: "crm", resource: "contact", externalId: after },
        limit,
        maxAgeSeconds: 60,
      },
    );
  expect(await read("", 2)).toMatchObject({ views: [], last: { externalId: "2" } });
  expect(await read("2", 2)).toMatchObject({ views: [{ data: { name: "3" } }], last: undefined });
});

const empty = {
  givenName: null,
  familyName: null,
  company: null,
  jobTitle: null,
  emails: [],
  phones: [],
  addresses: [],
  notes: null,
  createdAt: null,
  updatedAt: null,
  custom: {},
  unread: [],
};
