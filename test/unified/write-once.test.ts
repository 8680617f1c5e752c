import { createBelayClient } from "@belay/sdk/client";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { json, startProvider } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const target = { tenant: "acme", connection: "acme-desk", idempotencyKey: "sign-up-1" };

/** A provider of people, and Belay in front of it. */
async function startDesk() {
  const people: { id: string; name: string }[] = [];
  const desk = {
    people,
    /** Whoever reads is told to come later. */
    isUnreadable: false,
  };
  const provider = await startProvider((request, response) => {
    const id = request.url.split("/").at(-1);
    const known = people.find((person) => person.id === id);
    if (request.method === "GET") {
      if (desk.isUnreadable) json(response, 503, {});
      else json(response, known === undefined ? 404 : 200, known ?? {});
      return;
    }
    const fields = JSON.parse(request.body) as { name: string };
    const person = known ?? { id: `p${people.length + 1}`, ...fields };
    if (known === undefined) people.push(person);
    else known.name = fields.name;
    json(response, 200, person);
  });
  process.env["UNIFIED_DESK_URL"] = provider.url;
  const database = { kind: "postgres", url: await freshPostgres() } as const;
  const config = new URL("./write-once.config.ts", import.meta.url);
  // Read anew for every provider.
  config.search = new URL(provider.url).port;
  const belay = await startBelay({
    config,
    database,
    masterKey: testMasterKey,
    adminToken,
    logger: createLogger("silent"),
  });
  return {
    desk,
    database,
    client: createBelayClient({ url: belay.url, token: adminToken }),
    [Symbol.asyncDispose]: async () => {
      await belay.close(0);
      await provider[Symbol.asyncDispose]();
    },
  };
}

test("what was created is not created again where it cannot be read right after", async () => {
  await using systems = await startDesk();
  const { desk, client } = systems;
  desk.isUnreadable = true;
  const made = await client.createUnified("crm/contact", target, { name: "Ada" });
  expect(made).toMatchObject({ data: { name: "Ada" }, source: { externalId: "p1" } });
  expect(await client.createUnified("crm/contact", target, { name: "Ada" })).toEqual(made);
  expect(desk.people).toEqual([{ id: "p1", name: "Ada" }]);
  const changed = await client.updateUnified("crm/contact", { ...target, id: "p1", idempotencyKey: "change-1" }, { name: "Ada King" });
  expect(changed).toMatchObject({ data: { name: "Ada King" } });
});

test("what was created, and could not be written down, is not created again: nobody knows, and it is said", async () => {
  await using systems = await startDesk();
  const { desk, database, client } = systems;
  const { db, close } = openDatabase({ ...database, connections: 1 });
  try {
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'The disk is full.'; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before update on belay.idempotency for each row execute function refuse()`.execute(db);
    await expect(client.createUnified("crm/contact", target, { name: "Ada" })).rejects.toMatchObject({ code: "API_KEY_IN_USE" });
    expect(desk.people).toEqual([{ id: "p1", name: "Ada" }]);
    await sql`drop trigger refuse on belay.idempotency`.execute(db);
    await sql`update belay.idempotency set locked_until = belay.now()`.execute(db);
    for (let repeat = 1; repeat <= 2; repeat += 1)
      await expect(client.createUnified("crm/contact", target, { name: "Ada" })).rejects.toMatchObject({ code: "UNIFIED_OUTCOME_UNKNOWN" });
    expect(desk.people).toEqual([{ id: "p1", name: "Ada" }]);
    // Where repeating does no harm it is done again.
    const change = { ...target, id: "p1", idempotencyKey: "change-1" };
    expect(await client.updateUnified("crm/contact", change, { name: "Ada King" })).toMatchObject({ data: { name: "Ada King" } });
    await sql`update belay.idempotency set answer = null, locked_until = belay.now()`.execute(db);
    expect(await client.updateUnified("crm/contact", change, { name: "Ada King" })).toMatchObject({ data: { name: "Ada King" } });
  } finally {
    await close();
  }
});
