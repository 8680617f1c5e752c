import { Secret, defineConnector } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { expect, test } from "vitest";
import { z } from "zod";
import { history, simulate } from "@belay/testkit";

const note = z.object({ id: z.string(), text: z.string() });
const notebook = defineConnector({
  id: "notebook",
  title: "Notebook",
  baseUrl: "https://notebook.example",
  auth: { kind: "bearer" },
  resources: { note: { path: "/notes", id: "id", schema: note, create: { input: note.omit({ id: true }), safety: { kind: "natural" } } } },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "note.created": z.object({ id: z.string(), type: z.string(), note }) },
    subjects: { "note.created": { path: "note", keys: ["id"], resource: "note", causedBy: { create: {} } } },
  },
});

test("the history of a provider has requests, writes and webhooks with their answers, and stays as it was", async () => {
  await using simulator = await simulate(notebook, {
    accounts: { acme: { token: new Secret("t") } },
    webhooks: {
      endpoints: { acme: { url: "https://receiver.example/", secret: new Secret("s") } },
      fetch: async () => new Response("stored", { status: 201 }),
    },
  });
  const create = (text: string) =>
    fetch(`${simulator.url("acme")}/notes`, {
      method: "POST",
      headers: { authorization: "Bearer t", "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
  await create("Buy milk");
  await simulator.webhooks.settled();
  const before = history(simulator);
  await create("Buy eggs");
  await simulator.webhooks.settled();
  expect(before.requests).toMatchObject([{ method: "POST", path: "/notes", fault: "none", answer: { status: 201 } }]);
  expect(before.writes).toMatchObject([{ account: "acme", resource: "note", operation: "create", fields: { text: "Buy milk" } }]);
  expect(before.webhooks).toMatchObject([
    {
      state: "acknowledged",
      event: { type: "note.created", payload: { note: { id: "1001", text: "Buy milk" } } },
      attempts: [{ outcome: "acknowledged", status: 201, answer: "stored" }],
    },
  ]);
  expect(history(simulator, "acme").webhooks).toHaveLength(2);
});
