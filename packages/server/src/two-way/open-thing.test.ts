import type { PageRecord } from "@belay/sdk/sync";
import type { LinkState } from "@belay/sdk/two-way";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { readPositions } from "../feed/index.ts";
import { applyPlan, planPage } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { people as definition } from "./__fixtures__/people.ts";
import { readThing } from "./open-thing.ts";
import { purposes } from "./purposes.ts";
import { ensureTwoWays, moveLink, wantLinks } from "./store.ts";

const ada = (externalId: string): PageRecord => ({
  kind: "mapped",
  externalId,
  version: null,
  data: '{"name":"Ada"}',
  raw: "{}",
  keys: [],
});
const gone = (externalId: string): PageRecord => ({ kind: "deleted", externalId, version: null });

const world = (database: Database, tenant: string) => {
  const parts = { db: database.db, cipher: vaultOf(database.db), clock: systemClock };
  const connections = ["crm", "book"].map((connector) => ({ id: connector, tenant, connector }));
  const catalog = { twoWays: new Map([[definition.id, definition]]), ofTenant: () => connections };
  const key = { tenant, twoWay: definition.id, record: "ada" };
  const take = async (connection: string, record: PageRecord): Promise<void> => {
    const origin = { tenant, connection, resource: "person", model: "contact", sync: connection, mapping: "1", walk: 1 };
    const asAda = { ids: new Map([[record.externalId ?? "", "ada"]]), confirm: async () => true, keep: async () => {} };
    const plan = await planPage({ ...parts, identify: async () => asAda }, origin, [record]);
    await database.db.transaction().execute((tx) => applyPlan(tx, plan, false));
  };
  const begin = async (): Promise<void> => {
    const begun = (await readPositions(database.db, [tenant])).get(tenant) ?? 0;
    await ensureTwoWays(database.db, [{ tenant, twoWay: definition.id, a: "crm", b: "book", begun }]);
    await wantLinks(database.db, key, [{ record: "ada", awaits: null }]);
  };
  /** What is remembered of the thing when somebody comes to merge it. */
  const state = async (): Promise<LinkState | null | undefined> => {
    const read = await readThing({ ...parts, catalog }, definition, key, "b");
    return read === undefined ? undefined : (JSON.parse(read.request.state ?? "null") as LinkState | null);
  };
  const merge = async (agreed: LinkState): Promise<void> => {
    const [sealed] = await parts.cipher.seal([{ tenant, purpose: purposes.state("ada"), value: Buffer.from(JSON.stringify(agreed)) }]);
    const stays = { stands: "equal", awaits: null, creation: null, code: null } as const;
    await moveLink(database.db, { ...key, ...stays, state: sealed!, a: { id: "1", position: 1 }, b: { id: "7", position: 2 } });
  };
  return { take, begin, merge, state };
};

describe.each(databases)("a thing that was never merged, on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("that one side has deleted last counts as one that both had", async () => {
    const { take, begin, state } = world(database, "later");
    await begin();
    await take("crm", ada("1"));
    await take("book", ada("7"));
    expect(await state()).toBeNull();
    await take("crm", gone("1"));
    expect(await state()).toMatchObject({ base: { name: "Ada" }, a: { seen: { name: "Ada" } }, b: { seen: { name: "Ada" } } });
  });

  test("that one side had deleted before the sync began, or before it was known at the other, has never met", async () => {
    const before = world(database, "before");
    await before.take("crm", ada("1"));
    await before.take("book", ada("7"));
    await before.take("crm", gone("1"));
    await before.begin();
    expect(await before.state()).toBeNull();
    const apart = world(database, "apart");
    await apart.begin();
    await apart.take("crm", ada("1"));
    await apart.take("crm", gone("1"));
    await apart.take("book", ada("7"));
    expect(await apart.state()).toBeNull();
  });

  test("is what is left of one where the tenant's keys were destroyed, and its systems are read again", async () => {
    const { take, begin, merge, state } = world(database, "shredded");
    await begin();
    await take("crm", ada("1"));
    await take("book", ada("7"));
    const side = { seen: { name: "Ada" }, told: { name: "Ada" }, version: null };
    await merge({ base: { name: "Ada" }, a: side, b: side, held: [] });
    expect(await state()).toMatchObject({ base: { name: "Ada" } });
    await vaultOf(database.db).destroy("shredded");
    await take("crm", ada("1"));
    await take("book", ada("7"));
    expect(await state()).toBeNull();
  });
});
