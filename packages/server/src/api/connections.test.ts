import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { type Api, openApi } from "./__fixtures__/api.ts";

describe.each(databases)("connections in the API on $name", ({ open }) => {
  let database: Database;
  let api: Api;
  beforeAll(async () => {
    database = await open();
    api = openApi(database);
    return async () => {
      await api[Symbol.asyncDispose]();
      await database.close();
    };
  });

  const request = { tenant: "initech", connector: "ledger", returnUrl: "https://app.example/settings" };
  const link = async (more: object = {}) => await api.post("/v1/connect-sessions", { ...request, ...more });

  test("a link is made, each time another one, and the same under an Idempotency-Key", async () => {
    const first = await link();
    expect(first).toMatchObject({ status: 200, body: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:4000\/connect\/[\w-]{43}$/) } });
    expect((await link()).body["url"]).not.toBe(first.body["url"]);
    const keyed = async () => await api.post("/v1/connect-sessions", request, { "idempotency-key": "k-1" });
    expect((await keyed()).body).toEqual((await keyed()).body);
  });

  test("a link needs no way back", async () => {
    expect((await api.post("/v1/connect-sessions", { tenant: "initech", connector: "ledger" })).status).toBe(200);
  });

  test.each([
    [{ connector: "nothing" }, 422, "CONNECT_CONNECTOR_UNKNOWN"],
    [{ returnUrl: "https://evil.example/" }, 422, "CONNECT_RETURN_FORBIDDEN"],
    [{ returnUrl: "https://app.example@evil.example/" }, 422, "CONNECT_RETURN_FORBIDDEN"],
    [{ returnUrl: "javascript:alert(1)" }, 422, "CONNECT_RETURN_FORBIDDEN"],
    [{ settings: { subdomain: "x" } }, 422, "CONNECT_SETTINGS_INVALID"],
    [{ baseUrl: "ftp://ledger.example" }, 422, "CONNECT_SETTINGS_INVALID"],
    [{ scopes: ["everything"] }, 422, "CONNECT_SCOPE_UNKNOWN"],
    [{ tenant: "acme" }, 409, "CONNECTION_AMBIGUOUS"],
    [{ tenant: "acme", connection: "acme-ledger" }, 409, "CONNECT_CONFIGURED"],
    [{ connection: "acme-ledger" }, 404, "CONNECTION_UNKNOWN"],
    [{ tenant: "acme", connection: "acme-shop" }, 422, "CONNECT_CONNECTOR_UNKNOWN"],
  ])("no link is made for %j", async (more, status, code) => {
    expect(await link(more)).toMatchObject({ status, body: { code } });
  });

  test("each connection says how it stands, without its secrets", async () => {
    const { body } = await api.get("/v1/connections?tenant=acme");
    expect(body).toMatchObject({
      items: [
        {
          id: "acme-shop",
          origin: "configuration",
          state: "connected",
          code: null,
          ingestPath: "/in/shop-of-acme-0123",
        },
        { id: "acme-ledger", state: "connected", code: null, standsOn: "key", disabled: [] },
      ],
    });
    expect(JSON.stringify(body)).not.toContain("that-no-answer-has");
    expect((await api.get("/v1/connections/acme-ledger")).body).toMatchObject({ id: "acme-ledger", title: "Ledger" });
    expect(await api.get("/v1/connections/nothing")).toMatchObject({ status: 404, body: { code: "API_NOT_FOUND" } });
  });

  test("a credential of the configuration cannot be given up here", async () => {
    expect(await api.post("/v1/connections/acme-ledger/disconnect")).toMatchObject({ status: 409, body: { code: "CONNECT_CONFIGURED" } });
    expect(await api.post("/v1/connections/nothing/disconnect")).toMatchObject({ status: 404, body: { code: "API_NOT_FOUND" } });
  });

  test("one of the configuration that has none yet is given up, and says so from then on", async () => {
    expect((await api.get("/v1/connections/globex-shop")).body).toMatchObject({ state: "needs_reconnect", code: "CREDENTIAL_MISSING" });
    expect(await api.post("/v1/connections/globex-shop/disconnect")).toMatchObject({ status: 200, body: { revocation: "none" } });
    expect((await api.get("/v1/connections/globex-shop")).body).toMatchObject({ state: "disconnected", connectedBy: null });
  });
});
