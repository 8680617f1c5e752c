import { expect, test } from "vitest";
import { connectionTo, desk, testPorts } from "../__fixtures__/desk.ts";
import { json, startProvider } from "../__fixtures__/local-provider.ts";
import type { Answer } from "../__fixtures__/local-provider.ts";
import { runInOperation } from "../operation-context.ts";
import type { OperationContext } from "../operation-context.ts";
import { createClient } from "./create-client.ts";

async function start(answer: Answer) {
  const provider = await startProvider(answer);
  const ports = testPorts();
  return {
    ...provider,
    ports,
    client: createClient(desk, connectionTo(provider.url), ports),
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

test("a body is wrapped as the resource says, and the answer unwrapped", async () => {
  await using setup = await start((_received, response) => json(response, 201, { ticket: { id: 7, subject: "Broken", extra: true } }));
  expect(await setup.client.ticket.create({ subject: "Broken", externalId: "e1" })).toMatchObject({ id: 7, subject: "Broken" });
  expect(setup.received).toMatchObject([
    { method: "POST", url: "/api/tickets", body: '{"ticket":{"subject":"Broken","externalId":"e1"}}' },
  ]);
  expect(setup.received[0]?.headers).toMatchObject({ "content-type": "application/json", accept: "application/json" });
});

test("fieldsIn puts the input under its member, for create and update", async () => {
  await using setup = await start((_received, response) => json(response, 200, { id: "1", properties: { email: "a@b.c" } }));
  await setup.client.contact.create({ email: "a@b.c" });
  await setup.client.contact.update("1/2", { name: "Ann" });
  expect(setup.received).toMatchObject([
    { method: "POST", url: "/objects/contacts", body: '{"properties":{"email":"a@b.c"}}' },
    { method: "PATCH", url: "/objects/contacts/1%2F2", body: '{"properties":{"name":"Ann"}}' },
  ]);
});

test("get and find by path answer with undefined for 404", async () => {
  await using setup = await start((_received, response) => json(response, 404, {}));
  expect(await setup.client.ticket.get(9)).toBeUndefined();
  expect(await setup.client.contact.get(1)).toBeUndefined();
  expect(await setup.client.contact.find({ email: "a+b@c.d" })).toBeUndefined();
  expect(setup.received.map(({ url }) => url)).toEqual([
    "/api/tickets/9",
    "/objects/contacts/1?properties=email%2Cname",
    "/objects/contacts/a%2Bb%40c.d?idProperty=email&properties=email%2Cname",
  ]);
});

test("find by query takes the record with exactly the value asked for", async () => {
  const tickets = ["e10", "E1", "e1"].map((externalId, index) => ({ id: index, subject: "s", externalId }));
  await using setup = await start((_received, response) => json(response, 200, { tickets }));
  expect(await setup.client.ticket.find({ externalId: "e1" })).toMatchObject({ id: 2 });
  expect(await setup.client.ticket.find({ externalId: "e2" })).toBeUndefined();
  expect(setup.received[0]?.url).toBe("/api/tickets?externalId=e1");
});

test("input that does not fit is refused by its field's name before anything is sent", async () => {
  await using setup = await start((_received, response) => json(response, 200, {}));
  const { client } = setup;
  await expect(client.ticket.create({ subject: "", externalId: "e" })).rejects.toMatchObject({
    code: "CLIENT_INPUT_INVALID",
    details: { paths: ["subject"] },
  });
  await expect(client.ticket.create({ subject: "s" })).rejects.toThrow(/externalId: is needed/);
  await expect(client.ticket.get("..")).rejects.toMatchObject({ code: "CLIENT_INPUT_INVALID" });
  await expect(client.ticket.get("")).rejects.toMatchObject({ code: "CLIENT_INPUT_INVALID" });
  expect(setup.received).toHaveLength(0);
});

test("an answer that does not fit the schema is contract drift, named by path", async () => {
  await using setup = await start((received, response) =>
    received.url.includes("?") ? json(response, 200, { records: [] }) : json(response, 200, { ticket: { id: "x", subject: null } }),
  );
  const drift = { code: "CLIENT_RESPONSE_INVALID", retry: "never" };
  await expect(setup.client.ticket.get(1)).rejects.toMatchObject({ ...drift, details: { paths: ["id", "subject"] } });
  await expect(setup.client.ticket.find({ externalId: "e" })).rejects.toMatchObject({ ...drift, details: { paths: ["tickets"] } });
});

test("the connector's own error rows decide code and retry", async () => {
  await using setup = await start((_received, response) => json(response, 422, { error: "duplicate" }));
  await expect(setup.client.ticket.get(1)).rejects.toMatchObject({ code: "DESK_DUPLICATE", retry: "never", details: { status: 422 } });
});

test("the operation's trace goes along, and its end cancels the call", async () => {
  const controller = new AbortController();
  await using setup = await start((_received, _response) => controller.abort());
  const context: OperationContext = {
    key: "k",
    suspect: false,
    leaseCheck: () => undefined,
    signal: controller.signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  await expect(runInOperation(context, () => setup.client.ticket.get(1))).rejects.toMatchObject({ code: "HTTP_ABORTED", retry: "backoff" });
  // Each attempt is a span of its own in the same trace.
  expect(setup.received[0]?.headers["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
});

test("a connection to another connector is refused", () => {
  expect(() => createClient(desk, { ...connectionTo("http://a.example"), connector: "other" }, testPorts())).toThrow(/not to "desk"/);
});

test("a credential without the field that auth names is refused before anything is sent", async () => {
  await using provider = await start((_received, response) => json(response, 200, {}));
  const { credential: _dropped, ...connection } = connectionTo(provider.url);
  await expect(createClient(desk, connection, provider.ports).ticket.get(1)).rejects.toMatchObject({
    code: "HTTP_CREDENTIAL_MISSING",
    details: { field: "token" },
  });
  expect(provider.received).toHaveLength(0);
});

test("what an account was granted replaces the connector's limits", async () => {
  await using setup = await start((_received, response) => json(response, 404, {}));
  const connection = { ...connectionTo(setup.url), limits: [{ requests: 1, per: "1m" }] as const };
  const client = createClient(desk, connection, setup.ports);
  await client.ticket.get(1);
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED", retry: { afterMs: 60_000 } });
});
