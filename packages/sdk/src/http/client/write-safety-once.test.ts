import { expect, test } from "vitest";
import { z } from "zod";
import { connectionTo, testPorts } from "../__fixtures__/desk.ts";
import { json, startProvider } from "../__fixtures__/local-provider.ts";
import type { Answer } from "../__fixtures__/local-provider.ts";
import { defineConnector } from "../../connector/define-connector.ts";
import { runInOperation } from "../operation-context.ts";
import { createClient } from "./create-client.ts";

/** Neither a key nor a way to look the comment up. */
const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  resources: {
    comment: {
      path: "/comments",
      id: "id",
      schema: z.object({ id: z.number() }),
      create: { input: z.object({ text: z.string() }), safety: { kind: "once" } },
    },
  },
});

async function attempt(answer: Answer, suspect: boolean) {
  await using provider = await startProvider(answer);
  await using ports = testPorts();
  const client = createClient(desk, connectionTo(provider.url), ports);
  const context = { key: "k", suspect, leaseCheck: () => {}, signal: new AbortController().signal, deadlineAt: Infinity };
  const [result] = await Promise.allSettled([runInOperation(context, () => client.comment.create({ text: "Hello" }))]);
  return { result, sent: provider.received.length };
}

test("a write that can be sent only once is not repeated when its connection breaks", async () => {
  const { result, sent } = await attempt((_received, _response, request) => request.socket.destroy(), false);
  expect([result, sent]).toMatchObject([{ reason: { code: "HTTP_OUTCOME_UNKNOWN", retry: "backoff" } }, 1]);
});

test("a later attempt sends nothing and leaves it to a person", async () => {
  const { result, sent } = await attempt((_received, response) => json(response, 201, { id: 1 }), true);
  expect([result, sent]).toMatchObject([{ reason: { code: "HTTP_OUTCOME_UNKNOWN", retry: "never" } }, 0]);
});

test("it is repeated where the provider certainly did nothing", async () => {
  let requests = 0;
  const { result, sent } = await attempt((_received, response) => {
    requests += 1;
    json(response, requests === 1 ? 429 : 201, { id: 1 });
  }, false);
  expect([result, sent]).toMatchObject([{ value: { id: 1 } }, 2]);
});
