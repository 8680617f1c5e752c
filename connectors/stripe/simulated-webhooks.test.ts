import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { stripe } from "./index.ts";

it("simulated events are signed so that Stripe's own library believes them", async () => {
  const posts: Request[] = [];
  await using simulator = await simulate(stripe, {
    accounts: { acme: { token: new Secret("t") } },
    webhooks: {
      endpoints: { acme: { url: "https://receiver.example/in", secret: new Secret("whsec_s3cret") } },
      fetch: async (url, init) => (posts.push(new Request(url, init)), new Response(null, { status: 200 })),
    },
  });
  for (const type of Object.keys(stripe.events)) await simulator.webhooks.send("acme", type);
  await simulator.webhooks.settled();
  const believed = await Promise.all(
    posts.map(async (post) =>
      Stripe.webhooks.constructEvent(await post.text(), post.headers.get("stripe-signature") ?? "", "whsec_s3cret"),
    ),
  );
  expect(believed.map(({ type }) => type)).toEqual(Object.keys(stripe.events));
  expect(new Set(believed.map(({ id }) => id)).size).toBe(believed.length);
  for (const { id, created } of believed) {
    expect(id).toMatch(/^evt_[A-Za-z0-9]{20}$/);
    expect(Math.abs(created * 1_000 - Date.now())).toBeLessThan(60_000);
  }
});
