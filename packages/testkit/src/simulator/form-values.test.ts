import { Secret, defineConnector } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "./index.ts";

const input = z.strictObject({
  name: z.string(),
  amount: z.number().int().min(1),
  active: z.boolean().optional(),
  note: z.string().nullable().optional(),
  limits: z.object({ daily: z.number() }).optional(),
});

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  bodies: "form",
  resources: {
    price: {
      path: "/prices",
      id: "id",
      schema: z.object({ id: z.string(), ...input.shape }),
      create: { input, safety: { kind: "once" } },
      update: { input: input.partial(), method: "POST", safety: { kind: "natural" } },
    },
  },
  simulator: { errorBody: ({ fields }) => ({ fields }) },
});

async function create(form: Record<string, string>) {
  await using simulator = await simulate(shop, { accounts: { acme: { token: new Secret("t") } }, listen: false });
  const response = await simulator.fetch(`${simulator.url("acme")}/prices`, {
    method: "POST",
    headers: { authorization: "Bearer t" },
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test("values of a form become numbers, truth values and nothing where the schema wants them", async () => {
  const made = await create({ name: "42", amount: "1200", active: "true", note: "", "limits[daily]": "2.5" });
  expect(made).toEqual({
    status: 201,
    // A text stays one where a text is wanted, also an empty one.
    body: { id: "1001", name: "42", amount: 1_200, active: true, note: "", limits: { daily: 2.5 } },
  });
});

test("what fits in no form is refused, told apart from what is missing or unknown", async () => {
  expect(await create({ amount: "many", active: "yes", colour: "red" })).toEqual({
    status: 422,
    body: {
      fields: [
        { path: "name", is: "missing" },
        { path: "amount", is: "type" },
        { path: "active", is: "type" },
        { path: "colour", is: "unknown" },
      ],
    },
  });
  expect((await create({ name: "A", amount: "0" })).body.fields).toEqual([{ path: "amount", is: "type" }]);
});
