import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { type Api, openApi } from "./__fixtures__/api.ts";

const readings = ["walks", "troubles", "deletes", "reconciliations"] as const;

let database: Database;
let api: Api;
beforeAll(async () => {
  database = await openFreshPostgres();
  api = openApi(database);
  await sql`insert into belay.sync (tenant, sync, connection) values ('acme', 'people', 'acme-crm')`.execute(database.db);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await database.close();
});

test.each(readings)("%s of a sync, a connection or a tenant that is not there are refused, and no empty list", async (what) => {
  for (const [sync, connection, tenant] of [
    ["poeple", "acme-crm", "acme"],
    ["people", "acme-crn", "acme"],
    ["people", "acme-crm", "globex"],
  ]) {
    const { status, body } = await api.get(`/v1/syncs/${sync}/${what}?tenant=${tenant}&connection=${connection}`);
    expect([status, body["code"]]).toEqual([404, "API_NOT_FOUND"]);
  }
});

// Deletes need the declaration of the sync as well.
test.each(readings.filter((what) => what !== "deletes"))("%s of a sync that has none are an empty list", async (what) => {
  const { status, body } = await api.get(`/v1/syncs/people/${what}?tenant=acme&connection=acme-crm`);
  expect([status, body["items"]]).toEqual([200, []]);
});
