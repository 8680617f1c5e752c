import { standardRules } from "@belay/sdk/identity";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { identifyWith } from "../identity/index.ts";
import { applyPlan, planPage } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { adminToken, openServer } from "./__fixtures__/api.ts";

describe.each(databases)("identities over the API on $name", ({ open }) => {
  let database: Database;
  let server: ReturnType<typeof openServer>;
  const call = async (method: "GET" | "POST", url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const answer = await server.inject({ method, url: `/v1${url}`, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  const take = async (connection: string, externalId: string, phone: string): Promise<void> => {
    const parts = { db: database.db, cipher: vaultOf(database.db), clock: systemClock };
    const origin = { tenant: "acme", connection, resource: "contact", model: "contact", sync: "people", mapping: "1", walk: 1 };
    const data = JSON.stringify({ name: externalId });
    const record = { kind: "mapped", externalId, version: null, data, raw: data, keys: [`phone\n${phone}`] } as const;
    const plan = await planPage({ ...parts, identify: identifyWith(parts, standardRules) }, origin, [record]);
    await database.db.transaction().execute((tx) => applyPlan(tx, plan, false));
  };
  const ids = async (): Promise<string[]> => {
    const { body } = await call("GET", "/records?tenant=acme");
    return (body["items"] as { id: string }[]).map(({ id }) => id);
  };

  beforeAll(async () => {
    database = await open();
    server = openServer(database);
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  test("a review is shown and decided, and what it merged is shown and taken back", async () => {
    await take("crm", "1", "+41446681800");
    await take("desk", "7", "+41446681800");
    const { body } = await call("GET", "/identity/reviews?tenant=acme");
    const [review] = body["items"] as { id: number; candidates: { id: string }[] }[];
    expect(review).toMatchObject({ externalId: "7", why: "weak", state: "open", candidates: [{ agreesOn: ["phone"], score: 0.75 }] });
    expect((await call("GET", "/identity/reviews?tenant=globex")).body["items"]).toEqual([]);
    expect((await call("GET", `/identity/reviews/${review!.id}?tenant=acme`)).body).toEqual(review);
    expect((await call("GET", `/identity/reviews/${review!.id}?tenant=globex`)).status).toBe(404);
    const before = await ids();
    expect(new Set(before).size).toBe(2);
    const elsewhere = await call("POST", `/identity/reviews/${review!.id}/decide`, { tenant: "acme", is: "rec_0" });
    expect(elsewhere.body["detail"]).toBe(`"rec_0" is no candidate of review ${review!.id}; there are: ${review!.candidates[0]!.id}.`);
    const decide = { tenant: "acme", is: review!.candidates[0]!.id };
    expect(await call("POST", `/identity/reviews/${review!.id}/decide`, decide)).toEqual({ status: 200, body: { count: 1 } });
    const strange = await call("POST", `/identity/reviews/${review!.id}/decide`, { ...decide, is: "rec_0" });
    expect(strange).toMatchObject({ status: 409, body: { detail: expect.stringContaining("was decided before, by") } });
    expect(new Set(await ids()).size).toBe(1);
    const merges = (await call("GET", `/identity/merges?tenant=acme&record=${decide.is}`)).body["items"] as { id: number }[];
    expect(merges).toMatchObject([{ survivor: decide.is, moved: [{ connection: "desk", externalId: "7" }], undoneAt: null }]);
    expect((await call("POST", `/identity/merges/${merges[0]!.id}/undo`, { tenant: "acme" })).status).toBe(200);
    expect(await ids()).toEqual(before);
    const again = await call("POST", "/identity/merges", { tenant: "acme", survivor: before[1]!, merged: before[0]!, why: "asked" });
    expect(again.status).toBe(200);
    expect(new Set(await ids())).toEqual(new Set([before[1]]));
  });
});
