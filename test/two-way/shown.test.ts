import { Secret } from "@belay/sdk";
import { type ApiTwoWay, type ApiTwoWayLink, type BelayClient, createBelayClient } from "@belay/sdk/client";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { simulate, type Simulator } from "@belay/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const secret = new Secret("t");
const key = { tenant: "acme", twoWay: "people" } as const;
const patience = { timeout: 50_000, interval: 200 };

describe("a two-way sync, as people see it", () => {
  let simulators: Record<"STRIPE" | "ZENDESK" | "GLOBEX", Simulator>;
  let belay: Awaited<ReturnType<typeof startBelay>>;
  let client: BelayClient;
  let refusing = false;

  const ask = async (
    simulator: Simulator,
    method: string,
    path: string,
    body: object | URLSearchParams,
  ): Promise<Record<string, unknown>> => {
    const isForm = body instanceof URLSearchParams;
    const answer = await fetch(`${simulator.url("acme")}${path}`, {
      method,
      headers: {
        authorization: isForm ? "Bearer t" : `Basic ${btoa("t:t")}`,
        "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json",
      },
      body: isForm ? body.toString() : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const customer = async (fields: Record<string, string>, id = "") =>
    String((await ask(simulators.STRIPE, "POST", `/v1/customers${id && `/${id}`}`, new URLSearchParams(fields)))["id"]);
  const user = async (fields: Record<string, string>, id = "") => {
    const { user: made } = await ask(simulators.ZENDESK, id === "" ? "POST" : "PUT", `/api/v2/users${id && `/${id}`}`, { user: fields });
    return String((made as { id: number }).id);
  };
  const walk = async (): Promise<void> => {
    await client.runSync("customers", { tenant: "acme", connection: "acme-stripe" });
    await client.runSync("users", { tenant: "acme", connection: "acme-zendesk" });
  };
  const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const found: Item[] = [];
    for await (const item of items) found.push(item);
    return found;
  };
  const stand = async (tenant: string): Promise<ApiTwoWay> => (await all(client.twoWays({ tenant })))[0]!;
  const linkOf = async (stripeId: string): Promise<ApiTwoWayLink> => {
    const found = (await all(client.twoWayLinks(key))).find(({ a }) => a === stripeId);
    if (found === undefined) throw new Error(`${stripeId} is in no link`);
    return found;
  };
  const standsAs = async (stripeId: string, how: ApiTwoWayLink["stands"]): Promise<ApiTwoWayLink> =>
    await vi.waitFor(async () => {
      const link = await linkOf(stripeId);
      expect(link.stands).toBe(how);
      return link;
    }, patience);
  const userOf = (id: string | null): Record<string, unknown> | undefined =>
    simulators.ZENDESK.records("user").find((one) => one.id === id)?.body;

  beforeAll(async () => {
    simulators = {
      STRIPE: await simulate(stripe, { accounts: { acme: { token: secret } } }),
      ZENDESK: await simulate(zendesk, { accounts: { acme: { username: secret, password: secret } } }),
      GLOBEX: await simulate(stripe, { accounts: { acme: { token: secret } } }),
    };
    for (const [name, simulator] of Object.entries(simulators)) process.env[`TWO_WAY_${name}_URL`] = simulator.url("acme");
    simulators.ZENDESK.refuse(({ fields }) => refusing && fields["name"] === "Nobody");
    belay = await startBelay({
      config: new URL("./shown.config.ts", import.meta.url),
      database: { kind: "postgres", url: await freshPostgres() },
      masterKey: testMasterKey,
      adminToken,
      logger: createLogger("silent"),
    });
    client = createBelayClient({ url: belay.url, token: adminToken });
  });
  afterAll(async () => {
    await belay.close(1_000);
    for (const simulator of Object.values(simulators)) await simulator.close();
  });

  test("it says between which connections it runs, and of a tenant that lacks one which it is", async () => {
    expect(await stand("acme")).toMatchObject({ a: { connection: "acme-stripe" }, b: { connection: "acme-zendesk" }, blocked: null });
    expect(await stand("globex")).toMatchObject({
      blocked: { side: "b", why: "no-connection" },
      b: { connection: null, connector: "zendesk" },
    });
  });

  test("a thing that one side has is created at the other, and shown with what both have of it", async () => {
    const id = await customer({ name: "Ada Lovelace", email: "ada@acme.example" });
    await walk();
    const link = await standsAs(id, "equal");
    expect(userOf(link.b)).toMatchObject({ name: "Ada Lovelace", email: "ada@acme.example" });
    const thing = await client.twoWayLink({ ...key, record: link.record });
    expect(thing).toMatchObject({
      stands: "equal",
      a: { connection: "acme-stripe", externalId: id, merged: true, data: { name: "Ada Lovelace" } },
      b: { connection: "acme-zendesk", externalId: link.b, data: { name: "Ada Lovelace" } },
      holds: { name: "Ada Lovelace" },
      held: [],
      message: null,
    });
    expect(await client.explainTwoWayLink({ ...key, record: link.record }, "tenant")).toMatchObject({
      happened: "Stripe and Zendesk Support have the same.",
      remedy: null,
    });
    await expect(client.twoWayLink({ ...key, tenant: "globex", record: link.record })).rejects.toMatchObject({ code: "API_NOT_FOUND" });
  });

  test("what both sides changed waits, is told in three voices, and holds at both as soon as somebody decides", async () => {
    const id = await customer({ name: "Grace Hopper", email: "grace@acme.example", phone: "+41446681800" });
    await walk();
    const { b, record } = await standsAs(id, "equal");
    await customer({ phone: "+41446681801" }, id);
    await user({ phone: "+41446681802" }, b ?? "");
    await walk();
    await standsAs(id, "held");
    const [conflict, ...others] = await all(client.twoWayConflicts({ ...key, record }));
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      field: "phones",
      a: [{ number: "+41446681801" }],
      b: [{ number: "+41446681802" }],
      base: [{ number: "+41446681800" }],
      decidedBy: null,
    });
    const [toTenant, toSupport, toEngineer] = await Promise.all(
      (["tenant", "support", "engineer"] as const).map((reader) => client.explainTwoWayLink({ ...key, record }, reader)),
    );
    expect(toTenant!.happened).toBe(
      "It is not the same in Stripe and in Zendesk Support, and only a person can say which is right: phones.",
    );
    expect(JSON.stringify([toTenant!.happened, toTenant!.remedy])).not.toMatch(/belay|acme-|rec_/);
    const command = `belay conflicts decide people ${record} phones --tenant acme --side a`;
    const values = /phones: \[.*\+41446681801.*\] in Stripe, \[.*\+41446681802.*\] in Zendesk Support\./;
    for (const { happened, remedy } of [toSupport!, toEngineer!]) {
      expect(happened).toMatch(values);
      expect(remedy).toContain(command);
    }
    expect(toEngineer!.happened).toContain("`conflict` is `queue`");

    const of = { ...key, record, field: "phones" };
    await expect(client.decideTwoWayConflict(of, { value: [{ number: 7 }] })).rejects.toMatchObject({
      code: "API_REQUEST_INVALID",
      message: expect.stringMatching(/value: phones/),
    });
    await client.decideTwoWayConflict(of, { side: "b" });
    await standsAs(id, "equal");
    expect(simulators.STRIPE.records("customer").find((one) => one.id === id)?.body).toMatchObject({ phone: "+41446681802" });
    expect(await all(client.twoWayConflicts(key))).toEqual([]);
    expect((await stand("acme")).conflicts).toBe(0);
    await expect(client.decideTwoWayConflict(of, { side: "a" })).rejects.toMatchObject({ code: "TWO_WAY_DECIDED" });
  });

  test("a write that a provider refuses is given up, says why, and is tried again when somebody says so", async () => {
    refusing = true;
    const id = await customer({ name: "Somebody", email: "somebody@acme.example" });
    await walk();
    await standsAs(id, "equal");
    await customer({ name: "Nobody" }, id);
    await walk();
    const { record, code } = await standsAs(id, "failed");
    expect((await all(client.twoWayLinks({ ...key, stands: "failed" }))).map((one) => one.record)).toEqual([record]);
    const { message } = await client.twoWayLink({ ...key, record });
    expect((await client.deadLetters.show(message ?? 0)).message).toMatchObject({ flow: "people", code });
    const { story } = await client.message(message ?? 0);
    expect(story[0]!.text).toMatch(/^Belay asked for it itself: a thing of a two-way sync/);
    expect(JSON.stringify(story)).not.toMatch(/signature|came in from/);
    const told = await client.explainTwoWayLink({ ...key, record }, "support");
    expect(told).toMatchObject({
      code,
      class: expect.any(String),
      owner: expect.any(String),
      happened: expect.stringContaining("Zendesk"),
    });
    expect(await client.explainTwoWayLink({ ...key, record }, "tenant")).toMatchObject({ code: null, meaning: null, class: told.class });

    refusing = false;
    expect(await client.retryTwoWay(key)).toBe(1);
    const { b } = await standsAs(id, "equal");
    expect(userOf(b)).toMatchObject({ name: "Nobody" });
    expect(await all(client.deadLetters.list({ tenant: "acme" }))).toEqual([]);
    expect(await client.retryTwoWay(key)).toBe(0);
    await expect(client.retryTwoWay({ ...key, tenant: "globex" })).rejects.toMatchObject({ code: "API_NOT_FOUND" });
  });
});
