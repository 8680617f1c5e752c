import { Secret, validate } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { inProcessNetwork, simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { github } from "./index.ts";

const token = new Secret("github_pat_test");
const place = { owner: "octo-org", repo: "app" };

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(github, { accounts: { acme: { token } }, listen: false, ...options });
  return { simulator, client: clientOf(simulator) };
}

function clientOf(simulator: Simulator) {
  const connection = { id: "acme", tenant: "acme", connector: "github", baseUrl: simulator.url("acme"), credential: { token } };
  return createClient(github, connection, {
    network: inProcessNetwork([simulator]),
    clock: systemClock,
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
}

async function numbers(issues: AsyncIterable<{ readonly number: number }>): Promise<number[]> {
  const all: number[] = [];
  for await (const { number } of issues) all.push(number);
  return all;
}

it("reads the issues of GitHub's own example payloads", async () => {
  const { resolve } = createRequire(import.meta.url);
  const examples = z
    .array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }))
    .parse(JSON.parse(readFileSync(resolve("@octokit/webhooks-examples/api.github.com/index.json"), "utf8")));
  const issues = examples.filter(({ name }) => name === "issues" || name === "issue_comment").flatMap((entry) => entry.examples);
  expect(issues.length).toBeGreaterThan(20);
  for (const { issue, comment } of issues) {
    // Rare actions leave state or labels out of the payload, which the API never does.
    expect(
      await validate(github.resources.issue.schema, { state: "open", labels: [], ...z.object({}).loose().parse(issue) }),
    ).not.toHaveProperty("issues");
    if (comment !== undefined) expect(await validate(github.resources.comment.schema, comment)).not.toHaveProperty("issues");
  }
});

it("numbers issues within their repository, and lists open ones newest first, by links", async () => {
  const { simulator, client } = await start();
  const issues = client.issue.in(place);
  for (let n = 1; n <= 7; n += 1) await issues.create({ title: `Issue ${n}`, labels: n % 2 ? ["bug", "odd"] : ["bug"] });
  await client.issue.in({ ...place, repo: "other" }).create({ title: "Elsewhere" });
  await issues.update(2, { state: "closed" });
  expect(await numbers(issues.list({ pageSize: 2 }))).toEqual([7, 6, 5, 4, 3, 1]);
  expect(await numbers(issues.list({ filters: { state: "all", labels: ["bug", "odd"] }, order: "oldest" }))).toEqual([1, 3, 5, 7]);
  expect(await numbers(issues.list({ filters: { state: "closed" } }))).toEqual([2]);
  expect(await issues.get(2)).toMatchObject({ state: "closed", closed_at: expect.any(String), labels: [{ name: "bug" }] });
  expect(await issues.get(8)).toBeUndefined();
  expect(simulator.history()[0]?.headers).toMatchObject({ "x-github-api-version": "2022-11-28" });
});

it("keeps the comments of an issue", async () => {
  const { client } = await start();
  const comments = client.comment.in({ ...place, issue: "1" });
  await comments.create({ body: "First" });
  await comments.create({ body: "Second" });
  const bodies: string[] = [];
  for await (const { body } of comments.list()) bodies.push(body);
  expect(bodies).toEqual(["First", "Second"]);
});

it("never sends a create twice whose outcome is unknown", async () => {
  const { simulator, client } = await start({ faults: [{ method: "POST", fault: { kind: "reset-after-commit" } }] });
  await expect(client.issue.in(place).create({ title: "Once" })).rejects.toMatchObject({ code: "HTTP_OUTCOME_UNKNOWN" });
  expect(simulator.writes("issue")).toHaveLength(1);
});

it("answers as GitHub words it, which the error table knows", async () => {
  const { simulator } = await start({ limits: [{ ...github.limits[0], requests: 4 }] });
  const send = async (path: string, body?: string, authorization = "Bearer github_pat_test") => {
    const response = await simulator.fetch(`${simulator.url("acme")}/repos/octo-org/app/issues${path}`, {
      headers: { authorization },
      ...(body !== undefined && { method: "POST", body }),
    });
    return { status: response.status, body: await response.json(), left: response.headers.get("x-ratelimit-remaining") };
  };
  expect(await send("/1", undefined, "Bearer wrong")).toMatchObject({ status: 401, body: { message: "Bad credentials" } });
  expect(await send("/1")).toMatchObject({ status: 404, body: { message: "Not Found" }, left: "3" });
  expect(await send("", "{")).toMatchObject({ status: 400, body: { message: "Problems parsing JSON" } });
  expect(await send("", "{}")).toMatchObject({
    status: 422,
    body: { message: expect.stringContaining('Invalid request.\n\n"title"') },
  });
  await send("");
  expect(await send("")).toMatchObject({ status: 403, body: { message: expect.stringContaining("rate limit exceeded") }, left: "0" });
});
