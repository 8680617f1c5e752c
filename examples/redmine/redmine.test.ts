import { Secret, validate } from "@belay/sdk";
import { clientOf, collect, openTrial, simulate } from "@belay/testkit";
import type { SimulatorOptions } from "@belay/testkit";
import { describe, expect, it } from "vitest";
import { askForDescriptions } from "./flow.ts";
import { redmine } from "./index.ts";

const credential = { apiKey: new Secret("a-key-of-a-user") };

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(redmine, { accounts: { acme: credential }, ...options });
  const ask = async (path: string, request: RequestInit = {}) => {
    const headers = { "x-redmine-api-key": "a-key-of-a-user", "content-type": "application/xml" };
    const response = await fetch(`${simulator.url("acme")}${path}`, { headers, ...request });
    return { status: response.status, text: await response.text() };
  };
  return { simulator, ask, client: clientOf(redmine, simulator, credential) };
}

describe("Redmine", () => {
  it("makes, shows, finds, changes and deletes an issue at paths that end in .xml", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    const issue = await client.issue.create({ project_id: 3, subject: "It <breaks> & burns" });
    expect(issue).toMatchObject({ project: { "@id": 3 }, status: { "@name": "New" }, subject: "It <breaks> & burns", due_date: "" });
    expect(await client.issue.update(issue.id, { status_id: 5, notes: "Done." })).toBeUndefined();
    expect(await client.issue.get(issue.id)).toMatchObject({ status: { "@id": 5, "@name": "Closed" }, project: { "@id": 3 } });
    expect(await client.issue.find({ subject: issue.subject })).toMatchObject({ id: issue.id });
    expect((await ask(`/issues/${issue.id}.xml`)).text).toContain('<status id="5" name="Closed"/>');
    await client.issue.delete(issue.id);
    expect(await client.issue.get(issue.id)).toBeUndefined();
    expect(simulator.history().map(({ method, path }) => `${method} ${path.replace(/subject=[^&]*/, "subject=…")}`)).toEqual([
      "POST /issues.xml",
      `PUT /issues/${issue.id}.xml`,
      `GET /issues/${issue.id}.xml?status_id=*`,
      "GET /issues.xml?subject=…&status_id=*",
      `GET /issues/${issue.id}.xml`,
      `DELETE /issues/${issue.id}.xml`,
      `GET /issues/${issue.id}.xml?status_id=*`,
    ]);
  });

  it("lists by offset and total, and by project", async () => {
    const { simulator, client } = await start();
    await using _ = simulator;
    expect(await collect(client.issue.list())).toEqual([]);
    for (let n = 1; n <= 5; n += 1) await client.issue.create({ project_id: n % 2, subject: `Issue ${n}` });
    expect(await collect(client.issue.list({ pageSize: 2 }))).toHaveLength(5);
    expect(await collect(client.issue.list({ filters: { project_id: 0 } }))).toHaveLength(2);
    expect((await collect(client.issue.list({ order: "newest" })))[0]).toMatchObject({ subject: "Issue 5" });
  });

  it("finds a project by its identifier where its id would stand, also after a lost answer", async () => {
    const { simulator, client } = await start({ faults: [{ method: "POST", times: 1, fault: { kind: "reset-after-commit" } }] });
    await using _ = simulator;
    const project = await client.project.create({ name: "Web site", identifier: "web-site" });
    expect(await client.project.find({ identifier: "web-site" })).toEqual(project);
    expect(await client.project.get(project.id)).toEqual(project);
    expect(simulator.writes("project")).toHaveLength(1);
    await expect(client.project.create({ name: "Again", identifier: "web-site" })).rejects.toMatchObject({ code: "REDMINE_TAKEN" });
  });

  it("words its errors as the documentation has them", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    expect(await ask("/issues/9.xml", { headers: {} })).toEqual({ status: 401, text: "" });
    expect(await ask("/issues/9.xml")).toEqual({ status: 404, text: "" });
    const refused = await ask("/issues.xml", { method: "POST", body: "<issue><project_id>1</project_id></issue>" });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('<errors type="array"><error>Subject cannot be blank</error></errors>');
    await expect(client.issue.update(9, { notes: "Nobody reads this." })).rejects.toMatchObject({ code: "REDMINE_NOT_FOUND" });
  });

  it("tells of issues by webhooks that its scheme believes", async () => {
    const delivered: { readonly headers: Record<string, string>; readonly body: Uint8Array }[] = [];
    const secret = new Secret("a-secret");
    const receive: typeof fetch = async (_url, init) => {
      delivered.push({ headers: Object.fromEntries(new Headers(init?.headers)), body: new Uint8Array(init?.body as Uint8Array) });
      return new Response(null, { status: 204 });
    };
    const { simulator, client } = await start({
      webhooks: { endpoints: { acme: { url: "http://belay.example/in/x", secret } }, fetch: receive },
    });
    await using _ = simulator;
    const issue = await client.issue.create({ project_id: 3, subject: "It breaks" });
    await simulator.webhooks.settled();
    const [first] = delivered;
    const payload: unknown = JSON.parse(Buffer.from(first!.body).toString());
    expect(payload).toMatchObject({ type: "issue.created", data: { issue: { id: issue.id, subject: "It breaks", project: { id: 3 } } } });
    expect(await validate(redmine.webhooks.events["issue.created"], payload)).not.toHaveProperty("issues");
    expect(redmine.webhooks.scheme.verify(first!, [secret], new Date())).toEqual({ ok: true });
  });
});

describe("ask-for-descriptions", () => {
  const issue = { id: 1001, project: { id: 3, name: "Web site" }, status: { id: 1, name: "New" }, subject: "It breaks", description: "" };
  const event = { type: "issue.created", timestamp: "2026-03-01T12:00:00Z", data: { issue } };

  it("asks where there is no description, and only there", async () => {
    await using trial = await openTrial(askForDescriptions, { records: { issue: 2 } });
    await trial.run(event);
    await trial.run({ ...event, data: { issue: { ...issue, id: 1002, description: "It says: broken." } } });
    expect(trial.history().writes).toMatchObject([{ recordId: "1001", operation: "update", fields: { status_id: 4 } }]);
  });
});
