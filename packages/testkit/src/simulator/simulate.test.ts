import { Secret, defineConnector } from "@belay/sdk";
import type { Schema } from "@belay/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { simulate } from "./index.ts";
import type { Simulator, SimulatorClock, SimulatorOptions } from "./index.ts";

/** Accepts objects whose listed fields are of the given type. */
function shape(fields: Readonly<Record<string, "string" | "number">>): Schema<Record<string, unknown>> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const object = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
        const wrong = Object.entries(fields).filter(([name, type]) => typeof object[name] !== type);
        return wrong.length === 0
          ? { value: object }
          : { issues: wrong.map(([name, type]) => ({ message: `must be a ${type}`, path: [name] })) };
      },
    },
  };
}

const helpdesk = defineConnector({
  id: "helpdesk",
  title: "Helpdesk",
  baseUrl: "https://helpdesk.example",
  auth: { kind: "basic" },
  limits: [{ requests: 5, per: "10s" }],
  resources: {
    ticket: {
      path: "/api/v2/tickets",
      id: "id",
      schema: shape({ id: "number", subject: "string" }),
      wrap: { one: "ticket", many: "tickets" },
      create: { input: shape({ subject: "string" }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "2h" } },
      get: {},
      update: { input: shape({}), method: "PUT", safety: { kind: "natural" } },
      find: { by: ["external_id"], style: { kind: "query" } },
    },
  },
  errors: [
    {
      status: 422,
      contains: "RecordInvalid",
      code: "HELPDESK_RECORD_INVALID",
      class: "record-refused",
      retry: "never",
      meaning: "Refused.",
    },
    {
      status: 409,
      contains: "KeyBusy",
      code: "HELPDESK_KEY_BUSY",
      class: "provider-unavailable",
      retry: "backoff",
      meaning: "Still running.",
    },
  ],
});

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    contact: {
      path: "/crm/v3/objects/contacts",
      id: "id",
      schema: shape({ id: "string" }),
      fieldsIn: "properties",
      create: { input: shape({}), safety: { kind: "readBack", readBack: { by: "customer", lag: "5s" } } },
      update: { input: shape({}), method: "PATCH", safety: { kind: "natural" } },
      find: { by: ["customer"], style: { kind: "path", parameter: "idProperty" } },
    },
  },
});

/** Stands still until moved; whoever waits is woken when its time has come. */
function manualClock(): SimulatorClock & { advance(ms: number): void; readonly waiting: number } {
  let now = 1_000_000;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    wait: (ms) => new Promise((wake) => void sleepers.push({ until: now + ms, wake })),
    advance(ms) {
      now += ms;
      for (const sleeper of sleepers.filter(({ until }) => until <= now)) sleeper.wake();
      sleepers = sleepers.filter(({ until }) => until > now);
    },
    get waiting() {
      return sleepers.length;
    },
  };
}

const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

async function start<C extends Parameters<typeof simulate>[0]>(connector: C, options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const credential =
    connector.auth.kind === "bearer" ? { token: new Secret("t") } : { username: new Secret("u"), password: new Secret("p") };
  const simulator = await simulate(connector, { accounts: { acme: credential, globex: credential }, limits: [], ...options });
  running.push(simulator);
  return simulator;
}

const basic = { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` };

interface Received {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = basic): Promise<Received> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

const ticket = (subject: string, external_id?: string): unknown => ({ ticket: { subject, ...(external_id && { external_id }) } });
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((next) => setImmediate(next));
};

describe("the routes that a definition declares", () => {
  test("create, get, update and find a record, wrapped as declared", async () => {
    const simulator = await start(helpdesk);
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    const created = await send("POST", tickets, ticket("Hello", "a-1"));
    expect(created).toMatchObject({ status: 201, body: { ticket: { id: 1001, subject: "Hello" } } });
    expect(await send("PUT", `${tickets}/1001`, ticket("Changed"))).toMatchObject({
      status: 200,
      body: { ticket: { subject: "Changed", external_id: "a-1" } },
    });
    expect(await send("GET", `${tickets}/1001`)).toMatchObject({ status: 200, body: { ticket: { subject: "Changed" } } });
    expect(await send("GET", `${tickets}?external_id=a-1`)).toMatchObject({ status: 200, body: { tickets: [{ id: 1001 }] } });
    expect(await send("GET", `${tickets}?external_id=a-2`)).toMatchObject({ status: 200, body: { tickets: [] } });
    expect((await send("GET", `${tickets}/9`)).status).toBe(404);
    expect((await send("DELETE", `${tickets}/1001`)).status).toBe(404);
  });

  test("put fields where the provider keeps them, ids as the schema has them, and find by path only after the lag", async () => {
    const clock = manualClock();
    const simulator = await start(crm, { clock });
    const contacts = `${simulator.url("acme")}/crm/v3/objects/contacts`;
    const bearer = { authorization: "Bearer t" };
    const created = await send("POST", contacts, { properties: { customer: "cus_1" } }, bearer);
    expect(created).toMatchObject({ status: 201, body: { id: "1001", properties: { customer: "cus_1" } } });
    expect((await send("GET", `${contacts}/cus_1?idProperty=customer`, undefined, bearer)).status).toBe(404);
    clock.advance(5_000);
    expect(await send("GET", `${contacts}/cus_1?idProperty=customer`, undefined, bearer)).toMatchObject({
      status: 200,
      body: { id: "1001" },
    });
    expect((await send("GET", `${contacts}/1001`, undefined, bearer)).status).toBe(404);
  });

  test("keep accounts apart and refuse a wrong credential, an unknown account and bad JSON", async () => {
    const simulator = await start(helpdesk);
    await send("POST", `${simulator.url("acme")}/api/v2/tickets`, ticket("Hello"));
    expect(simulator.records("ticket", "globex")).toEqual([]);
    expect((await send("GET", `${simulator.url("acme")}/api/v2/tickets`, undefined, { authorization: "Basic x" })).status).toBe(401);
    expect((await send("GET", `${simulator.url("acme").replace("acme", "nobody")}/api/v2/tickets`)).status).toBe(404);
    const bad = await fetch(`${simulator.url("acme")}/api/v2/tickets`, {
      method: "POST",
      headers: { ...basic, "content-type": "application/json" },
      body: "{",
    });
    expect(bad.status).toBe(400);
    expect(simulator.requests("acme")).toEqual({ 201: 1, 400: 1, 401: 1 });
  });

  test("refuse input that the definition does not allow, in the words of its error table", async () => {
    const simulator = await start(helpdesk);
    const refused = await send("POST", `${simulator.url("acme")}/api/v2/tickets`, { ticket: {} });
    expect(refused).toMatchObject({ status: 422, body: { error: "RecordInvalid" } });
    expect(simulator.writes("ticket")).toEqual([]);
  });
});

describe("writes", () => {
  test("with the same idempotency key get the first result, until the provider forgets the key", async () => {
    const clock = manualClock();
    const simulator = await start(helpdesk, { clock });
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    const keyed = { ...basic, "idempotency-key": "k-1" };
    const first = await send("POST", tickets, ticket("Hello"), keyed);
    expect(await send("POST", tickets, ticket("Hello"), keyed)).toMatchObject({ status: 201, body: first.body });
    expect((await send("POST", tickets, ticket("Other"), keyed)).status).toBe(400);
    expect(simulator.records("ticket")).toHaveLength(1);
    clock.advance(2 * 3_600_000);
    expect(await send("POST", tickets, ticket("Hello"), keyed)).toMatchObject({ body: { ticket: { id: 1002 } } });
  });

  test("with a key that is still running are answered 409", async () => {
    const clock = manualClock();
    const simulator = await start(helpdesk, { clock, faults: { slow: 1, slowMs: [50, 50] } });
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    const keyed = { ...basic, "idempotency-key": "k-1" };
    const both = [send("POST", tickets, ticket("Hello"), keyed), send("POST", tickets, ticket("Hello"), keyed)];
    await until(() => clock.waiting === 2);
    clock.advance(50);
    const [first, second] = (await Promise.all(both)).toSorted((a, b) => a.status - b.status);
    expect([first, second]).toMatchObject([{ status: 201 }, { status: 409, body: { error: "KeyBusy" } }]);
  });

  test("of the same value make a double where the provider has no unique field, and 409 where it has", async () => {
    const lenient = await start(helpdesk);
    const strict = await start(helpdesk, { resources: { ticket: { unique: ["external_id"] } } });
    const statuses = [];
    for (const simulator of [lenient, lenient, strict, strict]) {
      statuses.push((await send("POST", `${simulator.url("acme")}/api/v2/tickets`, ticket("Hello", "a-1"))).status);
    }
    expect(statuses).toEqual([201, 201, 201, 409]);
    expect(lenient.records("ticket")).toHaveLength(2);
  });

  test("fail in the provider's own words where they are given", async () => {
    const failures = { taken: { status: 400, body: { message: "already has that value" } } };
    const simulator = await start(helpdesk, { resources: { ticket: { unique: ["external_id"] } }, failures });
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    await send("POST", tickets, ticket("Hello", "a-1"));
    expect(await send("POST", tickets, ticket("Hello", "a-1"))).toMatchObject({ status: 400, body: failures.taken.body });
  });

  test("are kept in order with their keys, and say whether they changed anything", async () => {
    const simulator = await start(helpdesk);
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    await send("POST", tickets, ticket("One"), { ...basic, "idempotency-key": "k-1" });
    await send("PUT", `${tickets}/1001`, ticket("Two"));
    await send("PUT", `${tickets}/1001`, ticket("Two"));
    expect(
      simulator
        .writes("ticket")
        .map(({ sequence, operation, idempotencyKey, fields, changed }) => [sequence, operation, idempotencyKey, fields, changed]),
    ).toEqual([
      [1, "create", "k-1", { subject: "One" }, true],
      [2, "update", undefined, { subject: "Two" }, true],
      [3, "update", undefined, { subject: "Two" }, false],
    ]);
  });

  test("can be refused for ever", async () => {
    const simulator = await start(helpdesk);
    simulator.refuse(({ fields }) => fields.subject === "poison", "acme");
    expect((await send("POST", `${simulator.url("acme")}/api/v2/tickets`, ticket("poison"))).status).toBe(422);
    expect((await send("POST", `${simulator.url("globex")}/api/v2/tickets`, ticket("poison"))).status).toBe(201);
  });
});

describe("limits and faults", () => {
  test("count the declared limits per account and say when to come back", async () => {
    const clock = manualClock();
    const simulator = await start(helpdesk, { clock, limits: helpdesk.limits });
    const get = () => send("GET", `${simulator.url("acme")}/api/v2/tickets`);
    for (let request = 0; request < 5; request += 1) expect((await get()).status).toBe(200);
    clock.advance(3_000);
    const refused = await get();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await send("GET", `${simulator.url("globex")}/api/v2/tickets`)).status).toBe(200);
    clock.advance(7_000);
    expect((await get()).status).toBe(200);
  });

  test("commit without an answer, and keep the result for the next try", async () => {
    const clock = manualClock();
    const simulator = await start(helpdesk, { clock, faults: { timeoutAfterCommit: 1, hangMs: 1_000 } });
    const tickets = `${simulator.url("acme")}/api/v2/tickets`;
    const keyed = { ...basic, "idempotency-key": "k-1" };
    const lost = send("POST", tickets, ticket("Hello"), keyed).then(
      () => "answered",
      () => "dropped",
    );
    await until(() => clock.waiting === 1);
    clock.advance(1_000);
    expect(await lost).toBe("dropped");
    simulator.setFaults({});
    expect(await send("POST", tickets, ticket("Hello"), keyed)).toMatchObject({ body: { ticket: { id: 1001 } } });
    expect(simulator.writes("ticket")).toHaveLength(1);
  });

  test("drop the connection before anything is committed", async () => {
    const simulator = await start(helpdesk, { faults: { resetBeforeCommit: 1 } });
    await expect(send("POST", `${simulator.url("acme")}/api/v2/tickets`, ticket("Hello"))).rejects.toThrow();
    expect(simulator.writes("ticket")).toEqual([]);
    expect(simulator.requests()).toEqual({ dropped: 1 });
  });

  test("take one account down for a while", async () => {
    const clock = manualClock();
    const simulator = await start(helpdesk, { clock });
    simulator.dead(1_000, 2_000, { account: "acme" });
    const status = async (account: string) => (await send("GET", `${simulator.url(account)}/api/v2/tickets`)).status;
    expect(await status("acme")).toBe(200);
    clock.advance(1_000);
    expect([await status("acme"), await status("globex")]).toEqual([503, 200]);
    clock.advance(2_000);
    expect(await status("acme")).toBe(200);
  });

  test("are the same for the same seed and others for another", async () => {
    const statuses = async (seed: number) => {
      const simulator = await start(helpdesk, { seed, faults: { serverError: 0.3, unavailable: 0.2, tooManyRequests: 0.2 } });
      const seen: number[] = [];
      for (let request = 0; request < 40; request += 1) seen.push((await send("GET", `${simulator.url("acme")}/api/v2/tickets`)).status);
      return seen;
    };
    const [once, again, other] = [await statuses(7), await statuses(7), await statuses(8)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(new Set(once)).toEqual(new Set([200, 429, 500, 503]));
  });
});

test("an option that does not fit the connector is refused at the start", async () => {
  await expect(start(helpdesk, { resources: { tickets: {} } })).rejects.toThrow('no resource "tickets"');
  await expect(start(helpdesk, { resources: { ticket: { unique: ["subject"] } } })).rejects.toThrow("find.by");
  await expect(start(helpdesk, { accounts: { acme: {} } })).rejects.toThrow('"username"');
});
