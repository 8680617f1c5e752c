import { Secret, defineConnector } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "../index.ts";
import type { Simulator } from "../index.ts";

const note = z.object({ id: z.string(), text: z.string() });
const notebook = defineConnector({
  id: "notebook",
  title: "Notebook",
  baseUrl: "https://notebook.example",
  auth: { kind: "bearer" },
  resources: {
    note: {
      path: "/notes",
      id: "id",
      schema: note,
      get: {},
      create: { input: note.omit({ id: true }), safety: { kind: "natural" } },
    },
  },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "note.created": z.object({ id: z.string(), type: z.string(), note }) },
  },
});

let simulator: Simulator | undefined;
afterEach(() => simulator?.close());

async function start(control = true) {
  const bodies: string[] = [];
  simulator = await simulate(notebook, {
    control,
    listen: false,
    accounts: { acme: { token: new Secret("t") }, globex: { token: new Secret("g") } },
    webhooks: { fetch: async (_url, init) => (bodies.push(String(init?.method)), new Response(null, { status: 202 })) },
  });
  const { origin, fetch } = simulator;
  const ask = async (method: string, path: string, body?: unknown, type = "application/json") => {
    const response = await fetch(`${origin}/_simulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": type } }),
    });
    return { status: response.status, body: await response.json() };
  };
  const read = async (account: string, token: string) =>
    (await fetch(`${origin}/${account}/notes/1`, { headers: { authorization: `Bearer ${token}` } })).status;
  return { ask, read, bodies, simulator };
}

test("an endpoint is registered and a webhook sent to it", async () => {
  const { ask, bodies, simulator: running } = await start();
  expect(await ask("POST", "/endpoints", { url: "https://receiver.example/", secret: "s" })).toMatchObject({ status: 200 });
  const sent = await ask("POST", "/webhooks", { type: "note.created", payload: { note: { text: "Hello" } }, faults: { copies: 2 } });
  expect(sent).toMatchObject({
    status: 200,
    body: { event: { type: "note.created", account: "acme", payload: { note: { text: "Hello" } } } },
  });
  await running.webhooks.settled();
  expect(bodies).toHaveLength(2);
  const { body } = await ask("GET", "/webhooks?account=acme");
  expect(body).toMatchObject([{ state: "acknowledged" }]);
});

test("faults are set by rate and by rule, for one account or for all", async () => {
  const { ask, read } = await start();
  await ask("PUT", "/faults", { account: "acme", serverError: 1 });
  expect([await read("acme", "t"), await read("globex", "g")]).toEqual([500, 404]);
  await ask("PUT", "/faults", {});
  await ask("POST", "/faults", { method: "GET", path: "/notes/*", times: 1, fault: { kind: "answer", failure: "limited" } });
  expect([await read("globex", "g"), await read("globex", "g")]).toEqual([429, 404]);
  expect((await ask("GET", "/history?account=globex")).body).toMatchObject([{ answer: { status: 404 } }, { fault: "answer" }, {}]);
});

test.each([
  ["PUT", "/faults", { serverErrors: 1 }, "serverErrors"],
  ["PUT", "/faults", { serverError: 2 }, "0 to 1"],
  ["POST", "/faults", { fault: { kind: "explode" } }, "reset-before-commit"],
  ["POST", "/webhooks", { type: "note.deleted" }, "note.created"],
  ["POST", "/webhooks", { account: "initech" }, "acme, globex"],
  ["POST", "/endpoints", { url: "nowhere", secret: "s" }, "whole URL"],
  ["POST", "/redeliver", {}, "event"],
])("%s %s %j is refused and says what to write", async (method, path, body, hint) => {
  const { ask } = await start();
  expect(await ask(method, path, body)).toMatchObject({ status: 400, body: { error: expect.stringContaining(hint) } });
});

test("what no page in a browser may send is refused, and what does not exist names where to look", async () => {
  const { ask } = await start();
  expect(await ask("PUT", "/faults", { serverError: 1 }, "text/plain")).toMatchObject({ status: 415 });
  expect(await ask("POST", "/nothing", {})).toMatchObject({ status: 404, body: { error: expect.stringContaining("GET /_simulator") } });
  expect(await ask("GET", "")).toMatchObject({
    status: 200,
    body: { accounts: { acme: "http://notebook.simulated/acme" }, resources: ["note"] },
  });
});

test("without being asked for, there is no control API", async () => {
  const { ask } = await start(false);
  expect(await ask("PUT", "/faults", { serverError: 1 })).toMatchObject({ status: 404 });
});
