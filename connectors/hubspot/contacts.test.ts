import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import { expect, it } from "vitest";
import { hubspot } from "./index.ts";

it("a taken e-mail address is answered by 409, another taken value by 400, each as HubSpot words it", async () => {
  await using simulator = await simulate(hubspot, { accounts: { acme: { token: new Secret("t") } } });
  const create = async (properties: Record<string, string>) => {
    const response = await fetch(`${simulator.url("acme")}/crm/v3/objects/contacts`, {
      method: "POST",
      headers: { authorization: "Bearer t" },
      body: JSON.stringify({ properties }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  expect((await create({ stripe_customer_id: "cus_1", email: "ada@example.com" })).status).toBe(201);
  expect(await create({ stripe_customer_id: "cus_2", email: "ada@example.com" })).toMatchObject({
    status: 409,
    body: { category: "CONFLICT" },
  });
  expect(await create({ stripe_customer_id: "cus_1", email: "grace@example.com" })).toMatchObject({
    status: 400,
    body: { category: "VALIDATION_ERROR", message: expect.stringContaining("already has that value") },
  });
});
