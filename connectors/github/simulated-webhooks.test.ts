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

it("an issue that is written at the simulated GitHub causes its webhook, which names the repository", async () => {
  const posts: Request[] = [];
  await using simulator = await simulate(github, {
    listen: false,
    accounts: { acme: { token: new Secret("t") } },
    webhooks: {
      endpoints: { acme: { url: "https://receiver.example/in", secret: new Secret("s3cret") } },
      fetch: async (url, init) => (posts.push(new Request(url, init)), new Response(null, { status: 202 })),
    },
  });
  const write = async (method: string, path: string, body: object) =>
    (
      await simulator.fetch(`${simulator.url("acme")}/repos/octo/app/issues${path}`, {
        method,
        headers: { authorization: "Bearer t", "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).json();
  const created: unknown = await write("POST", "", { title: "It breaks", labels: ["bug"] });
  await write("PATCH", "/1", { state: "closed" });
  await simulator.webhooks.settled();
  const events = await Promise.all(posts.map((post) => post.json()));
  expect(events).toMatchObject([
    { action: "opened", issue: created, repository: { name: "app", full_name: "octo/app", html_url: "https://github.com/octo/app" } },
    { action: "closed", issue: { number: 1, title: "It breaks", state: "closed" } },
  ]);
  for (const event of events) expect(await validate(github.events.issues.schema, event)).not.toHaveProperty("issues");
});
