import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { openLimits } from "../limits/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { type Api, openApi } from "./__fixtures__/api.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

describe.each(databases)("limits in the API on $name", ({ open }) => {
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

  test("a connection without limits has no budgets, until its provider lets nobody through", async () => {
    expect((await api.get("/v1/limits?connection=acme-ledger")).body).toEqual({
      connection: "acme-ledger",
      tenant: "acme",
      connector: "ledger",
      budgets: [],
      waits: [],
      doneAtEarliest: null,
    });
    const limits = openLimits(database, { clock: systemClock, random: Math.random, logger: silent });
    const ask = { tenant: "acme", key: "connection:acme-ledger", holder: "h", block: "b", limits: [], of: [], blockForMs: 60_000 };
    await limits.lease([{ ...ask, used: { "acme/sell": 3, "globex/sell": 4 } }]);
    await limits.close();
    const { body } = await api.get("/v1/limits?connection=acme-ledger");
    expect(body).toMatchObject({
      budgets: [{ key: "connection:acme-ledger", sharedByTenants: false, usage: { flows: [{ flow: "sell", units: 3 }], others: 4 } }],
    });
    const [{ blockedUntil }] = body["budgets"] as [{ blockedUntil: string }];
    expect(Date.parse(blockedUntil) - Date.now()).toBeGreaterThan(50_000);
  });

  test.each(["connection=nothing", "connection=acme-ledger&tenant=globex"])("%s leads nowhere", async (query) => {
    expect(await api.get(`/v1/limits?${query}`)).toMatchObject({ status: 404, body: { code: "API_NOT_FOUND" } });
  });
});
