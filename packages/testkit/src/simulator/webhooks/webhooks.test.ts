import { Secret, defineConnector, validate } from "@belay/sdk";
import { hmacSignature, standardWebhooks } from "@belay/sdk/webhook";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "../index.ts";
import type { Simulator, SimulatorClock, SimulatorOptions, WebhookDelivery } from "../index.ts";

const issue = z.object({
  id: z.number(),
  title: z.string(),
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
const issues = z.object({ event: z.string(), action: z.enum(["opened", "edited", "deleted"]), issue });

const tracker = defineConnector({
  id: "tracker",
  title: "Tracker",
  baseUrl: "https://tracker.example",
  auth: { kind: "bearer" },
  resources: {
    issue: {
      path: "/issues",
      id: "id",
      schema: z.object({ id: z.number(), title: z.string() }),
      create: { input: z.object({ title: z.string() }), safety: { kind: "natural" } },
      update: { input: z.object({ title: z.string() }), method: "PATCH", safety: { kind: "natural" } },
    },
  },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 65_536,
    id: { header: "x-delivery", signed: false },
    type: { body: "event" },
    events: { issues, release: z.object({ event: z.literal("release"), tag_name: z.string(), author: z.object({ email: z.email() }) }) },
    retries: { timeout: "5s", pauses: ["1m", "10m"] },
    subjects: {
      issues: {
        path: "issue",
        keys: ["id"],
        resource: "issue",
        causedBy: { create: { action: "opened" }, update: { action: "edited" } },
      },
    },
    examples: {
      issues: async () => ({
        event: "issues",
        action: "opened",
        issue: {
          id: 41,
          title: "Spelling error",
          html_url: "https://tracker.example/issues/41",
          created_at: "2026-03-01T12:00:00Z",
          updated_at: "2026-03-01T13:00:00Z",
        },
      }),
    },
  },
});

/** Stands still until moved; whoever waits is woken when its time has come. */
function manualClock(): SimulatorClock & { advance(ms: number): Promise<void> } {
  let now = Date.UTC(2026, 5, 1);
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((wake) => {
        sleepers.push({ until: now + ms, wake });
        signal?.addEventListener("abort", () => wake());
      }),
    async advance(ms) {
      now += ms;
      for (const sleeper of sleepers.filter(({ until }) => until <= now)) sleeper.wake();
      sleepers = sleepers.filter(({ until }) => until > now);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((next) => setImmediate(next));
    },
  };
}

interface Post {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A receiver without a socket, which answers what `answer` says. */
function receiver(answer: (post: number) => Response | Promise<Response> = () => new Response("thanks", { status: 202 })) {
  const posts: Post[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(url, init);
    posts.push({ url: request.url, headers: request.headers, body: await request.text() });
    return answer(posts.length);
  };
  return { posts, fetch };
}

const secret = new Secret("it is a secret");
const endpoint = { url: "https://receiver.example/in", secret };
const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

async function start(
  fetch: typeof globalThis.fetch,
  options: Partial<SimulatorOptions> = {},
  webhooks: SimulatorOptions["webhooks"] = {},
): Promise<Simulator> {
  const simulator = await simulate(tracker, {
    accounts: { acme: { token: new Secret("t") }, globex: { token: new Secret("g") } },
    ...options,
    webhooks: { fetch, endpoints: { acme: endpoint }, ...webhooks },
  });
  running.push(simulator);
  return simulator;
}

const outcomes = ({ attempts }: WebhookDelivery): string[] => attempts.map(({ outcome }) => outcome);

describe("events", () => {
  test("look like the connector's example, with an id, times and a text of their own", async () => {
    const { posts, fetch } = receiver();
    const clock = manualClock();
    const { webhooks } = await start(fetch, { clock });
    const first = await webhooks.send("acme", "issues");
    const second = await webhooks.send("acme", "issues");
    await webhooks.settled();
    expect(first.payload).toMatchObject({
      event: "issues",
      action: "opened",
      issue: {
        id: 1001,
        html_url: "https://tracker.example/issues/1001",
        created_at: "2026-06-01T00:00:00Z",
        updated_at: "2026-06-01T00:00:00Z",
      },
    });
    expect(second.payload).toMatchObject({ issue: { id: 1002 } });
    expect(first.payload["issue"]).not.toMatchObject({ title: "Spelling error" });
    expect(posts.map(({ body }) => JSON.parse(body))).toEqual([first.payload, second.payload]);
    expect(new Set(posts.map(({ headers }) => headers.get("x-delivery")))).toEqual(new Set([first.id, second.id]));
  });

  test("tell of the same things again: opened first, edited later", async () => {
    const { fetch } = receiver();
    const { webhooks } = await start(fetch);
    const seen = new Map<unknown, unknown[]>();
    for (let index = 0; index < 30; index += 1) {
      const { payload } = await webhooks.send("acme", "issues");
      const { id } = issues.parse(payload).issue;
      seen.set(id, [...(seen.get(id) ?? []), payload["action"]]);
    }
    for (const [first, ...later] of seen.values()) expect([first, new Set(later).has("opened")]).toEqual(["opened", false]);
    expect([...seen.values()].some((actions) => actions.length > 2)).toBe(true);
  });

  test("tell of what the provider then holds, where it is a resource that can be written", async () => {
    const { posts, fetch } = receiver();
    const simulator = await start(fetch);
    for (let index = 0; index < 12; index += 1) await simulator.webhooks.send("acme", ["issues"]);
    await simulator.webhooks.settled();
    expect(posts).toHaveLength(12);
    const last = new Map(posts.map(({ body }) => issues.parse(JSON.parse(body)).issue).map(({ id, title }) => [id, title]));
    const held = simulator.records("issue", "acme").map(({ body }): [unknown, unknown] => [body["id"], body["title"]]);
    expect(last).toEqual(new Map(held));
    expect(simulator.writes("issue")).toHaveLength(12);
  });

  test("are made up from the schema where there is no example", async () => {
    const { fetch } = receiver();
    const { webhooks } = await start(fetch);
    const event = await webhooks.send("acme", "release");
    expect(await validate(tracker.events.release.schema, event.payload)).toEqual({ value: event.payload });
  });

  test("are the same for the same seed and others for another", async () => {
    const payloads = async (seed: number) => {
      const { fetch } = receiver();
      const { webhooks } = await start(fetch, { seed, clock: manualClock() });
      const events = [];
      for (let index = 0; index < 8; index += 1) events.push(await webhooks.send("acme"));
      return events;
    };
    expect(await payloads(5)).toEqual(await payloads(5));
    expect(await payloads(5)).not.toEqual(await payloads(6));
  });

  test("a payload that is given is sent, also one that the schema refuses", async () => {
    const { posts, fetch } = receiver();
    const { webhooks } = await start(fetch);
    await webhooks.send("acme", "issues", { payload: { issue: { title: null } } });
    await webhooks.settled();
    expect(JSON.parse(posts[0]!.body)).toMatchObject({ action: "opened", issue: { id: 1001, title: null } });
  });

  test("an unknown type, account or schema is refused by name", async () => {
    const { webhooks } = await start(receiver().fetch);
    await expect(webhooks.send("acme", "issue")).rejects.toThrow('no event "issue"; declared are issues, release');
    await expect(webhooks.send("initech", "issues")).rejects.toThrow('no account "initech"');
    await expect(webhooks.redeliver("nothing")).rejects.toThrow('no event "nothing"');
  });

  test("a write at the provider causes its event, with the record in it; one that changes nothing does not", async () => {
    const { posts, fetch } = receiver();
    const simulator = await start(fetch);
    const write = (method: string, path: string, title: string) =>
      globalThis.fetch(`${simulator.url("acme")}/issues${path}`, {
        method,
        headers: { authorization: "Bearer t", "content-type": "application/json" },
        body: JSON.stringify({ title }),
      });
    await write("POST", "", "Hello");
    await write("PATCH", "/1001", "Changed");
    await write("PATCH", "/1001", "Changed");
    await simulator.webhooks.settled();
    expect(posts.map(({ body }) => JSON.parse(body))).toMatchObject([
      { action: "opened", issue: { id: 1001, title: "Hello", html_url: "https://tracker.example/issues/1001" } },
      { action: "edited", issue: { id: 1001, title: "Changed" } },
    ]);
  });
});

describe("deliveries", () => {
  test("are sent again by the provider's schedule until they are acknowledged, each time signed for its moment", async () => {
    const { posts, fetch } = receiver((post) => new Response(null, { status: post < 3 ? 500 : 204 }));
    const clock = manualClock();
    const { webhooks } = await start(fetch, { clock });
    await webhooks.send("acme", "issues");
    await webhooks.settled();
    const [delivery] = webhooks.deliveries();
    expect([delivery!.state, posts.length]).toEqual(["waiting", 1]);
    await clock.advance(59_999);
    expect(posts).toHaveLength(1);
    await clock.advance(1);
    await clock.advance(600_000);
    expect(outcomes(delivery!)).toEqual(["refused", "refused", "acknowledged"]);
    expect(delivery!.state).toBe("acknowledged");
    for (const { headers, body } of posts) {
      const request = { headers: Object.fromEntries(headers), body: Buffer.from(body) };
      expect(tracker.webhooks.scheme.verify(request, [secret], new Date(clock.now()))).toEqual({ ok: true });
    }
  });

  test("are given up when the schedule ends, and can be redelivered under the same id", async () => {
    let works = false;
    const { posts, fetch } = receiver(() => new Response("", { status: works ? 200 : 503 }));
    const clock = manualClock();
    const { webhooks } = await start(fetch, { clock });
    const { id } = await webhooks.send("acme", "issues");
    await webhooks.settled();
    await clock.advance(60_000);
    await clock.advance(600_000);
    expect(webhooks.deliveries().map(({ state }) => state)).toEqual(["given-up"]);
    works = true;
    await webhooks.redeliver(id);
    expect(webhooks.deliveries().map(({ state }) => state)).toEqual(["acknowledged"]);
    expect(new Set(posts.map(({ headers }) => headers.get("x-delivery")))).toEqual(new Set([id]));
  });

  test("an answer that takes longer than the provider waits is none", async () => {
    const clock = manualClock();
    const { webhooks } = await start(
      (_url, init) => new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("cut")))),
      {
        clock,
      },
    );
    await webhooks.send("acme", "issues");
    await clock.advance(5_000);
    expect(webhooks.deliveries()[0]!.attempts).toMatchObject([{ outcome: "no-answer", why: "no answer within 5000 ms", tookMs: 5_000 }]);
  });

  test("can be dropped, doubled, delayed and overtaken by an explicit call", async () => {
    const { posts, fetch } = receiver();
    const clock = manualClock();
    const { webhooks } = await start(fetch, { clock });
    const send = async (faults: object) => (await webhooks.send("acme", "issues", { faults })).id;
    const overtaken = await send({ overtaken: true });
    const dropped = await send({ drops: 1 });
    const doubled = await send({ copies: 2 });
    const delayed = await send({ delayMs: 300 });
    await clock.advance(0);
    expect(posts.map(({ headers }) => headers.get("x-delivery"))).toEqual([overtaken, doubled, doubled]);
    await clock.advance(300);
    await clock.advance(60_000);
    expect(posts.slice(3).map(({ headers }) => headers.get("x-delivery"))).toEqual([delayed, dropped]);
    expect(webhooks.deliveries().map(outcomes)).toContainEqual(["dropped", "acknowledged"]);
  });

  test("are hit by the rates as often as asked, the same ones for the same seed", async () => {
    const faulty = async (seed: number) => {
      const { posts, fetch } = receiver();
      const { webhooks } = await start(fetch, { seed, clock: manualClock() }, { faults: { dropped: 0.3, doubled: 0.3 } });
      for (let index = 0; index < 100; index += 1) await webhooks.send("acme", "issues");
      await webhooks.settled();
      return posts.map(({ headers }) => headers.get("x-delivery"));
    };
    const [once, again, other] = [await faulty(3), await faulty(3), await faulty(4)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(55);
    expect(new Set(once).size).toBeLessThan(85);
    expect(once.length - new Set(once).size).toBeGreaterThan(10);
  });

  test("go to the endpoints of the account that want the type", async () => {
    const { posts, fetch } = receiver();
    const { webhooks } = await start(fetch);
    webhooks.subscribe("acme", { url: "https://receiver.example/releases", secret, types: ["release"] });
    await webhooks.send("acme", "issues");
    await webhooks.send("acme", "release");
    await webhooks.send("globex", "issues");
    await webhooks.settled();
    expect(posts.map(({ url }) => url).toSorted()).toEqual([endpoint.url, endpoint.url, "https://receiver.example/releases"]);
    expect(webhooks.deliveries("globex")).toEqual([]);
  });

  test("end at once when the simulator is closed", async () => {
    const simulator = await start(receiver(() => new Response("", { status: 500 })).fetch);
    await simulator.webhooks.send("acme", "issues");
    await simulator.webhooks.settled();
    await simulator.close();
    expect(simulator.webhooks.deliveries()[0]!.attempts).toHaveLength(1);
  });
});

describe("signatures by Standard Webhooks", () => {
  const key = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
  test.each([
    ["webhook-", (body: string, headers: Record<string, string>) => new StandardWebhook(key).verify(body, headers)],
    ["svix-", (body: string, headers: Record<string, string>) => (new SvixWebhook(key).verify(body, headers), JSON.parse(body))],
  ])("with headers %s* are accepted by the library of its authors", async (headerPrefix, verify) => {
    const { posts, fetch } = receiver();
    const connector = defineConnector({
      ...tracker,
      webhooks: { ...tracker.webhooks, scheme: standardWebhooks({ headerPrefix }), id: { header: `${headerPrefix}id`, signed: true } },
    });
    const simulator = await simulate(connector, {
      accounts: { acme: { token: new Secret("t") } },
      webhooks: { fetch, endpoints: { acme: { url: endpoint.url, secret: new Secret(key) } } },
    });
    running.push(simulator);
    const event = await simulator.webhooks.send("acme", "issues");
    await simulator.webhooks.settled();
    const [post] = posts;
    expect(verify(post!.body, Object.fromEntries(post!.headers))).toEqual(event.payload);
    expect(() => verify(`${post!.body} `, Object.fromEntries(post!.headers))).toThrow();
  });
});
