import { Secret, validate } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import { verify } from "@octokit/webhooks-methods";
import { expect, it } from "vitest";
import { github } from "./index.ts";

it("simulated events are signed so that GitHub's own library believes them, and fit their schemas", async () => {
  const posts: Request[] = [];
  await using simulator = await simulate(github, {
    accounts: { acme: { token: new Secret("t") } },
    webhooks: {
      endpoints: { acme: { url: "https://receiver.example/in", secret: new Secret("s3cret") } },
      fetch: async (url, init) => (posts.push(new Request(url, init)), new Response(null, { status: 202 })),
    },
  });
  for (const type of Object.keys(github.events)) await simulator.webhooks.send("acme", type);
  await simulator.webhooks.settled();
  expect(posts).toHaveLength(5);
  for (const post of posts) {
    const body = await post.text();
    expect(await verify("s3cret", body, post.headers.get("x-hub-signature-256") ?? "")).toBe(true);
    expect(post.headers.get("x-github-delivery")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const { schema } = Object.values(github.events).find(({ type }) => type === post.headers.get("x-github-event"))!;
    expect(await validate<unknown>(schema, JSON.parse(body))).not.toHaveProperty("issues");
  }
});
