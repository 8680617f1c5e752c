import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { adminToken, openServer } from "./__fixtures__/api.ts";
import { toPlace } from "./place-cursor.ts";

describe("requests that nobody means", () => {
  let database: Database;
  let server: FastifyInstance;
  beforeAll(async () => {
    database = await openFreshPostgres();
    server = openServer(database);
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  const call = async (method: "GET" | "POST" | "PUT", url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const answer = await server.inject({ method, url: `/v1${url}`, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  const refused = (what: RegExp) => ({ status: 400, body: { code: "API_REQUEST_INVALID", detail: expect.stringMatching(what) } });

  test.each([
    ["/unified/crm/contact?tenant=acme&emial=ada@acme.example", /emial/],
    ["/records?tenant=acme&conection=acme-crm", /conection/],
    ["/dead-letters?tenat=acme", /tenat/],
    ["/unified/crm/contact?tenant=acme&updatedSince=0000-01-01T00:00:00Z", /updatedSince.*year/],
  ])("a slip in what is asked for is named, and selects not everything: %s", async (url, what) => {
    expect(await call("GET", url)).toMatchObject(refused(what));
  });

  test("a slip in an order is named, and acts on nothing", async () => {
    await call("PUT", "/changes/consumers/app", { from: "start" });
    const rewind = "/changes/consumers/app/rewind";
    expect(await call("POST", rewind, { to: "start", feeds: "acme" })).toMatchObject(refused(/feeds/));
    expect(await call("POST", rewind, { to: { time: "0000-01-01T00:00:00Z" } })).toMatchObject(refused(/to/));
    expect(await call("PUT", "/changes/consumers/half", { from: "start", models: ["\ud800"] })).toMatchObject(refused(/models.*half/));
  });

  test.each([
    ["/records?tenant=acme", ["a\0", "b", "c"]],
    ["/records?tenant=acme", ["a", "\ud800", "c"]],
    ["/unified/crm/contact?tenant=acme", ["a", "b", "c\0"]],
    ["/syncs/people/troubles?tenant=acme&connection=crm", ["\0"]],
    ["/syncs/people/reconciliations?tenant=acme&connection=crm", ["abc"]],
    ["/syncs/people/reconciliations?tenant=acme&connection=crm", ["99999999999999999999999"]],
    ["/identity/merges?tenant=acme", ["-1"]],
  ])("a cursor that somebody has made up is refused: %s %j", async (url, place) => {
    expect(await call("GET", `${url}&cursor=${toPlace(place)}`)).toMatchObject(refused(/cursor/));
  });

  test("a listing goes on behind a record with as long an id as there may be", async () => {
    const next = toPlace(["acme-crm", "contact", "é".repeat(512)]);
    expect(await call("GET", `/records?tenant=acme&cursor=${next}`)).toEqual({ status: 200, body: { items: [], next: null } });
    expect(await call("GET", `/records/${"x".repeat(512)}?tenant=acme`)).toMatchObject({ status: 404, body: { code: "API_NOT_FOUND" } });
  });
});
