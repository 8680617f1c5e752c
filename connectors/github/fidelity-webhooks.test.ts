import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { createRequire } from "node:module";
import { Secret, validate } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { verify } from "@octokit/webhooks-methods";
import { expect, it } from "vitest";
import { z } from "zod";
import { github } from "./index.ts";

// What GitHub's documentation says of its webhooks, seen by a server that gets them over HTTP. docs/simulator-fidelity.md lists these tests.

const secret = "It's a Secret to Everybody";
const payloadOf = z.record(z.string(), z.unknown());

interface Delivered {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A simulated GitHub and the server that its webhooks go to, which answers with `status`, or never. */
async function start(status: () => number | undefined = () => 202, options: Partial<SimulatorOptions> = {}) {
  const delivered: Delivered[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      delivered.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const answer = status();
      if (answer !== undefined) response.writeHead(answer).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/in`;
  const simulator = await simulate(github, {
    accounts: { acme: { token: new Secret("t") } },
    webhooks: { endpoints: { acme: { url, secret: new Secret(secret) } } },
    ...options,
  });
  const close = async (): Promise<void> => {
    await simulator.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { simulator, delivered, [Symbol.asyncDispose]: close };
}

async function write(simulator: Simulator, method: string, path: string, body: object): Promise<void> {
  const sent = { method, headers: { authorization: "Bearer t" }, body: JSON.stringify(body) };
  expect((await fetch(`${simulator.url("acme")}/repos/octo/app/issues${path}`, sent)).ok).toBe(true);
  await simulator.webhooks.settled();
}

/** @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
it("a delivery names its event, has a GUID and is a POST of GitHub-Hookshot", async () => {
  await using run = await start();
  await run.simulator.webhooks.send("acme", "issues");
  await run.simulator.webhooks.settled();
  expect(run.delivered[0]!.headers).toMatchObject({
    "x-github-event": "issues",
    "x-github-delivery": expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    "user-agent": expect.stringMatching(/^GitHub-Hookshot\//),
    "content-type": "application/json",
  });
});

/** @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation */
it("a delivery is signed by the hex digest of its body, as in the documentation's own example", async () => {
  const { scheme } = github.webhooks;
  expect(scheme.sign(Buffer.from("Hello, World!"), new Secret(secret), new Date(0), "")).toEqual({
    "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  });
  await using run = await start();
  await run.simulator.webhooks.send("acme", "issues");
  await run.simulator.webhooks.settled();
  const [{ headers, body }] = run.delivered as [Delivered];
  expect(await verify(secret, body, String(headers["x-hub-signature-256"]))).toBe(true);
  expect(await verify("another", body, String(headers["x-hub-signature-256"]))).toBe(false);
});

/** @see https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries */
it("a delivery that fails is not sent again by itself", async () => {
  const waited: number[] = [];
  const clock = { now: () => 0, wait: (ms: number) => new Promise<void>(() => void waited.push(ms)) };
  await using run = await start(() => 500, { clock });
  await run.simulator.webhooks.send("acme", "issues");
  await run.simulator.webhooks.settled();
  // Only the patience with the answer was ever waited for, no pause before another attempt.
  expect(waited).toEqual([10_000]);
  expect(run.delivered).toHaveLength(1);
  expect(run.simulator.webhooks.deliveries()[0]!.state).toBe("given-up");
});

/** @see https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#use-the-x-github-delivery-header */
it("a redelivery has the id of the first delivery", async () => {
  await using run = await start();
  const { id } = await run.simulator.webhooks.send("acme", "issues");
  await run.simulator.webhooks.settled();
  await run.simulator.webhooks.redeliver(id);
  expect(run.delivered.map(({ headers }) => headers["x-github-delivery"])).toEqual([id, id]);
  expect(run.delivered[1]!.body).toBe(run.delivered[0]!.body);
});

/** @see https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds */
it("an answer that takes longer than 10 seconds counts as none", async () => {
  const patience: { readonly ms: number; readonly end: () => void }[] = [];
  const clock = { now: () => 0, wait: (ms: number) => new Promise<void>((end) => void patience.push({ ms, end })) };
  await using run = await start(() => undefined, { clock });
  await run.simulator.webhooks.send("acme", "issues");
  while (run.delivered.length === 0) await new Promise((next) => setImmediate(next));
  expect(patience.map(({ ms }) => ms)).toEqual([10_000]);
  patience[0]!.end();
  await run.simulator.webhooks.settled();
  expect(run.simulator.webhooks.deliveries()[0]!.attempts).toMatchObject([{ outcome: "no-answer" }]);
});

/** @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues */
it("what happens to an issue is told by its action, with what was before an edit", async () => {
  await using run = await start();
  await write(run.simulator, "POST", "", { title: "It breaks" });
  await write(run.simulator, "PATCH", "/1", { title: "It breaks on Mondays" });
  await write(run.simulator, "PATCH", "/1", { labels: ["bug"] });
  await write(run.simulator, "PATCH", "/1", { assignees: ["octocat"] });
  await write(run.simulator, "PATCH", "/1", { labels: [] });
  await write(run.simulator, "PATCH", "/1", { state: "closed" });
  await write(run.simulator, "PATCH", "/1", { state: "open" });
  expect(run.delivered.map(({ body }) => JSON.parse(body))).toMatchObject([
    { action: "opened", issue: { number: 1, title: "It breaks" }, repository: { full_name: "octo/app" } },
    { action: "edited", changes: { title: { from: "It breaks" } }, issue: { title: "It breaks on Mondays" } },
    { action: "labeled", label: { name: "bug" }, issue: { labels: [{ name: "bug" }] } },
    { action: "assigned", assignee: { login: "octocat" } },
    { action: "unlabeled", label: { name: "bug" }, issue: { labels: [] } },
    { action: "closed", issue: { state: "closed", state_reason: "completed" } },
    { action: "reopened", issue: { state: "open", closed_at: null } },
  ]);
});

/** @see https://github.com/octokit/webhooks */
it("payloads have no field that GitHub's own lack, nor one of another type", async () => {
  await using run = await start();
  for (const type of Object.keys(github.events)) for (let n = 0; n < 12; n += 1) await run.simulator.webhooks.send("acme", type);
  await write(run.simulator, "POST", "", { title: "It breaks", labels: ["bug"], assignees: ["octocat"] });
  await write(run.simulator, "PATCH", "/1", { title: "Still" });
  await write(run.simulator, "PATCH", "/1", { state: "closed" });
  const known = realShapes();
  const seen = new Map<string, number>();
  const foreign = new Set<string>();
  for (const { headers, body } of run.delivered) {
    const type = String(headers["x-github-event"]);
    seen.set(type, 1 + (seen.get(type) ?? 0));
    for (const [path, kind] of shapeOf(JSON.parse(body))) {
      const kinds = [...(known.get(type)?.get(path) ?? []), ...(unpublished.get(path) ?? [])];
      if (!kinds.includes(kind)) foreign.add(`${type}, ${path}: ${kind}`);
    }
    const event = Object.values(github.events).find((one) => one.type === type)!;
    expect(await validate<unknown>(event.schema, JSON.parse(body))).not.toHaveProperty("issues");
  }
  expect([...foreign]).toEqual([]);
  expect([...seen.keys()].toSorted()).toEqual(Object.keys(github.events).toSorted());
  expect(seen.get("issues")).toBe(15);
});

/** What the published payloads happen to lack (an edited title, the reason since May 2022), and the types of the same release have: `@octokit/webhooks-types`. */
const unpublished: ReadonlyMap<string, readonly string[]> = new Map([
  ["issue.state_reason", ["string", "null"]],
  ["changes.title", ["object"]],
  ["changes.title.from", ["string"]],
]);

/** By type and path, the kinds of values in GitHub's published payloads. */
function realShapes(): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const { resolve } = createRequire(import.meta.url);
  const list = z.array(z.object({ name: z.string(), examples: z.array(payloadOf) }));
  const shapes = new Map<string, Map<string, Set<string>>>();
  for (const { name, examples } of list.parse(
    JSON.parse(readFileSync(resolve("@octokit/webhooks-examples/api.github.com/index.json"), "utf8")),
  )) {
    const shape = shapes.get(name) ?? new Map<string, Set<string>>();
    shapes.set(name, shape);
    for (const example of examples) for (const [path, kind] of shapeOf(example)) shape.set(path, (shape.get(path) ?? new Set()).add(kind));
  }
  return shapes;
}

/** Every member's dotted path and kind; items of a list count as one. */
function shapeOf(value: unknown, path = ""): (readonly [string, string])[] {
  if (Array.isArray(value)) return [[path, "list"], ...value.flatMap((item) => shapeOf(item, `${path}[]`))];
  if (value === null) return [[path, "null"]];
  if (typeof value !== "object") return [[path, typeof value]];
  return [[path, "object"], ...Object.entries(value).flatMap(([name, member]) => shapeOf(member, path === "" ? name : `${path}.${name}`))];
}
