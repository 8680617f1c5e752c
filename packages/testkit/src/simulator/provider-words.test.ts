import { defineConnector } from "@belay/sdk";
import type { Simulation } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";

const shop = (simulator: Simulation) =>
  defineConnector({
    id: "shop",
    title: "Shop",
    baseUrl: "https://shop.example",
    auth: { kind: "bearer" },
    simulator,
    resources: {
      order: {
        path: "/orders",
        id: "id",
        schema: z.object({ id: z.string(), code: z.string(), state: z.string(), changed: z.string() }),
        create: { input: z.object({ code: z.string() }), safety: { kind: "natural" } },
        update: { input: z.object({ state: z.enum(["open", "shipped"]) }), method: "POST", safety: { kind: "natural" } },
        get: {},
        find: { by: ["code"], style: { kind: "query" } },
      },
    },
    errors: [
      {
        status: 418,
        contains: "E_TAKEN",
        code: "SHOP_TAKEN",
        class: "record-refused",
        retry: "never",
        meaning: "Another order has this code.",
        answers: ["taken"],
        example: { errors: [{ code: "E_TAKEN" }] },
      },
      {
        status: 409,
        contains: "E_STATE",
        code: "SHOP_STATE",
        class: "record-refused",
        retry: "never",
        meaning: "The order has been shipped.",
        answers: ["refused"],
      },
    ],
  });

const behaviour: Simulation = {
  resources: {
    order: {
      unique: ["code"],
      createdStatus: 200,
      id: (serial) => `ord_${serial}`,
      defaults: () => ({ state: "open" }),
      computed: (now) => ({ changed: now.toISOString() }),
      refuses: (before) => (before["state"] === "shipped" ? "It has been shipped." : undefined),
    },
  },
  errorBody: ({ kind, marker, description, paths }) => ({
    errors: [{ code: marker ?? `E_${kind.toUpperCase()}`, text: description, paths }],
  }),
};

test("a provider fills in, works out and refuses what its connector says", async () => {
  const clock = steppingClock(Date.UTC(2026, 2, 1));
  const connector = shop(behaviour);
  const simulator = await simulate(connector, { accounts: { acme: { token } }, listen: false, clock });
  const { order } = drive(connector, simulator, clock);
  expect(await order.create({ code: "a" })).toEqual({ id: "ord_1", code: "a", state: "open", changed: "2026-03-01T00:00:00.000Z" });
  clock.advance(1_000);
  expect(await order.update("ord_1", { state: "shipped" })).toMatchObject({ state: "shipped", changed: "2026-03-01T00:00:01.000Z" });
  clock.advance(1_000);
  await expect(order.update("ord_1", { state: "open" })).rejects.toMatchObject({ code: "SHOP_STATE", details: { status: 409 } });
  await expect(order.create({ code: "a" })).rejects.toMatchObject({ code: "SHOP_TAKEN", details: { status: 418 } });
  expect(simulator.requests()).toEqual({ 200: 2, 409: 1, 418: 1 });
});

test("errors are in the provider's words: unknown routes, bad JSON and wrong fields too", async () => {
  const simulator = await simulate(shop(behaviour), { accounts: { acme: { token } }, listen: false });
  const send = async (path: string, body?: string) => {
    const response = await simulator.fetch(`${simulator.url("acme")}${path}`, {
      headers: { authorization: "Bearer t-1" },
      ...(body !== undefined && { method: "POST", body }),
    });
    return [response.status, await response.json()];
  };
  expect(await send("/nothing")).toMatchObject([404, { errors: [{ code: "E_UNKNOWN-ROUTE" }] }]);
  expect(await send("/orders", "{")).toMatchObject([400, { errors: [{ code: "E_MALFORMED" }] }]);
  expect(await send("/orders", "{}")).toMatchObject([422, { errors: [{ code: "E_INVALID", paths: ["code"] }] }]);
  await send("/orders", '{"code":"a"}');
  expect(await send("/orders", '{"code":"a"}')).toEqual([418, { errors: [{ code: "E_TAKEN" }] }]);
});

test("what does not fit the connector is refused when it is declared", () => {
  expect(() => shop({ resources: { orders: {} } })).toThrow("simulator.resources.orders");
  const [row] = shop(behaviour).errors ?? [];
  expect(() => defineConnector({ ...shop(behaviour), errors: row === undefined ? [] : [{ ...row, example: { code: "other" } }] })).toThrow(
    "errors.SHOP_TAKEN.example",
  );
});
