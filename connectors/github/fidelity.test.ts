import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { request } from "node:http";
import { expect, it } from "vitest";
import { github } from "./index.ts";

// What GitHub's documentation says of its REST API, asked of the simulator over HTTP. docs/simulator-fidelity.md lists these tests by name.

const issues = "/repos/octo-org/app/issues";

const start = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  simulate(github, { accounts: { acme: { token: new Secret("github_pat_test") } }, ...options });

/** Time that only the test moves. */
function steppingClock() {
  let now = Date.UTC(2026, 2, 1);
  return { now: () => now, wait: async (ms: number) => void (now += ms), advance: (ms: number) => void (now += ms) };
}

async function ask(simulator: Simulator, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${simulator.url("acme")}${path}`, {
    method,
    headers: { authorization: "Bearer github_pat_test", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === "" ? undefined : JSON.parse(text) };
}

/** @see https://docs.github.com/en/rest/issues/issues#create-an-issue */
it("a new issue is answered by 201, and its number counts within the repository", async () => {
  await using simulator = await start();
  const created = [];
  for (const path of [issues, issues, "/repos/octo-org/other/issues"]) created.push(await ask(simulator, "POST", path, { title: "A" }));
  expect(created.map(({ status, body }) => [status, body.number])).toEqual([
    [201, 1],
    [201, 2],
    [201, 1],
  ]);
  expect(created[0]!.body).toMatchObject({ state: "open", title: "A", html_url: "https://github.com/octo-org/app/issues/1" });
  expect(new Set(created.map(({ body }) => body.id)).size).toBe(3);
});

/** @see https://docs.github.com/en/rest/issues/issues#update-an-issue */
it("an update changes what is sent, replaces all labels, and closes with a reason", async () => {
  await using simulator = await start();
  await ask(simulator, "POST", issues, { title: "A", body: "Long", labels: ["bug", "ui"] });
  await ask(simulator, "PATCH", `${issues}/1`, { labels: ["docs"] });
  const closed = await ask(simulator, "PATCH", `${issues}/1`, { state: "closed", state_reason: "not_planned" });
  expect(closed.body).toMatchObject({ title: "A", body: "Long", labels: [{ name: "docs" }], state: "closed", state_reason: "not_planned" });
  const { closed_at: closedAt } = closed.body;
  expect((await ask(simulator, "PATCH", `${issues}/1`, { title: "B" })).body.closed_at).toBe(closedAt);
  expect((await ask(simulator, "PATCH", `${issues}/1`, { state: "open" })).body.closed_at).toBeNull();
});

/** @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api */
it("a token may be sent as a bearer or by the word token", async () => {
  await using simulator = await start();
  for (const authorization of ["Bearer github_pat_test", "token github_pat_test"])
    expect((await ask(simulator, "GET", issues, undefined, { authorization })).status).toBe(200);
});

/** @see https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit */
it("invalid credentials are answered by 401 and Bad credentials", async () => {
  await using simulator = await start();
  const refused = await ask(simulator, "GET", issues, undefined, { authorization: "Bearer wrong" });
  expect(refused).toMatchObject({ status: 401, body: { message: "Bad credentials", documentation_url: expect.any(String) } });
  const basic = await ask(simulator, "GET", issues, undefined, { authorization: `Basic ${btoa("octocat:password")}` });
  expect(basic.status).toBe(401);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent */
it("a request without User-Agent is refused by 403", async () => {
  await using simulator = await start();
  const statusWith = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = `${simulator.url("acme")}${issues}`;
      const sent = request(url, { headers: { authorization: "Bearer github_pat_test", ...headers } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end();
    });
  expect(await statusWith({})).toBe(403);
  expect(await statusWith({ "user-agent": "octocat" })).toBe(200);
});

/** @see https://docs.github.com/en/rest/about-the-rest-api/api-versions */
it("a version that does not exist is answered by 400, and one that is not named is 2022-11-28", async () => {
  await using simulator = await start();
  expect((await ask(simulator, "GET", issues, undefined, { "x-github-api-version": "1999-01-01" })).status).toBe(400);
  expect((await ask(simulator, "GET", issues)).headers.get("x-github-api-version-selected")).toBe("2022-11-28");
  const newer = await ask(simulator, "GET", issues, undefined, { "x-github-api-version": "2026-03-10" });
  expect([newer.status, newer.headers.get("x-github-api-version-selected")]).toEqual([200, "2026-03-10"]);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#problems-parsing-json */
it("a body that is no JSON is answered by 400 and Problems parsing JSON", async () => {
  await using simulator = await start();
  expect(await ask(simulator, "POST", issues, '{"title":')).toMatchObject({ status: 400, body: { message: "Problems parsing JSON" } });
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#body-should-be-a-json-object */
it("a body that is no object is answered by 400 and Body should be a JSON object", async () => {
  await using simulator = await start();
  for (const body of ["[]", '"text"', "7"])
    expect(await ask(simulator, "POST", issues, body)).toMatchObject({ status: 400, body: { message: "Body should be a JSON object" } });
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#invalid-request */
it("a parameter that is missing or of another type is answered by 422 and Invalid request", async () => {
  await using simulator = await start();
  for (const body of [{}, { title: ["A"] }, { title: "A", labels: "bug" }]) {
    const refused = await ask(simulator, "POST", issues, body);
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringMatching(/^Invalid request/)]);
    expect(refused.body).not.toHaveProperty("errors");
  }
  expect(simulator.writes("issue")).toEqual([]);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed */
it("a parameter that is badly formed is answered by 422, Validation Failed and errors with a code", async () => {
  await using simulator = await start();
  const refused = await ask(simulator, "POST", issues, { title: "x".repeat(257) });
  expect(refused).toMatchObject({
    status: 422,
    body: { message: "Validation Failed", errors: [{ resource: "Issue", field: "title", code: "invalid" }] },
  });
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource */
it("what does not exist, and a path with a slash at its end, is answered by 404 and Not Found", async () => {
  await using simulator = await start();
  await ask(simulator, "POST", issues, { title: "A" });
  for (const path of [`${issues}/2`, `${issues}/`, `${issues}/1/`, "/repos/octo-org/app/nothing"])
    expect(await ask(simulator, "GET", path), path).toMatchObject({ status: 404, body: { message: "Not Found" } });
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit */
it("every answer tells limit, remaining, used, reset and resource of the primary limit", async () => {
  const clock = steppingClock();
  await using simulator = await start({ clock });
  await ask(simulator, "GET", issues);
  const { headers } = await ask(simulator, "GET", `${issues}/1`);
  const told = ["limit", "remaining", "used", "reset", "resource"].map((name) => headers.get(`x-ratelimit-${name}`));
  expect(told).toEqual(["5000", "4998", "2", String((Date.UTC(2026, 2, 1) + 3_600_000) / 1_000), "core"]);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
it("beyond the primary limit requests get 403 with nothing remaining, until the reset", async () => {
  const clock = steppingClock();
  await using simulator = await start({ clock, limits: [{ ...github.limits[0], requests: 2 }] });
  for (let n = 0; n < 2; n += 1) expect((await ask(simulator, "GET", issues)).status).toBe(200);
  const refused = await ask(simulator, "GET", issues);
  expect([refused.status, refused.headers.get("x-ratelimit-remaining")]).toEqual([403, "0"]);
  expect(refused.body.message).toContain("rate limit exceeded");
  clock.advance(Number(refused.headers.get("x-ratelimit-reset")) * 1_000 - clock.now());
  expect((await ask(simulator, "GET", issues)).status).toBe(200);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
it("a read has an ETag, and is answered by 304 without a body until something changes", async () => {
  await using simulator = await start();
  await ask(simulator, "POST", issues, { title: "A" });
  const tag = (await ask(simulator, "GET", `${issues}/1`)).headers.get("etag") ?? "";
  expect(tag).toMatch(/^(W\/)?"\w+"$/);
  expect(await ask(simulator, "GET", `${issues}/1`, undefined, { "if-none-match": tag })).toMatchObject({ status: 304, text: "" });
  await ask(simulator, "PATCH", `${issues}/1`, { title: "B" });
  const changed = await ask(simulator, "GET", `${issues}/1`, undefined, { "if-none-match": tag });
  expect(changed).toMatchObject({ status: 200, body: { title: "B" } });
  expect(changed.headers.get("etag")).not.toBe(tag);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
it("a 304 does not count against the primary limit", async () => {
  await using simulator = await start();
  const first = await ask(simulator, "GET", issues);
  const headers = { "if-none-match": first.headers.get("etag") ?? "" };
  const left = [];
  for (let n = 0; n < 3; n += 1) left.push((await ask(simulator, "GET", issues, undefined, headers)).headers.get("x-ratelimit-remaining"));
  expect([first.headers.get("x-ratelimit-remaining"), ...left]).toEqual(["4999", "4999", "4999", "4999"]);
});
