import { expect, test } from "vitest";
import { connectionTo, desk, testPorts, token } from "./__fixtures__/desk.ts";
import { json, startProvider } from "./__fixtures__/local-provider.ts";
import type { Answer } from "./__fixtures__/local-provider.ts";
import { createClient } from "./client/create-client.ts";
import type { Exchange } from "./record.ts";

/** Every word of an error and its causes, as a log would show them. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? String(error);
  const own = Object.getOwnPropertyNames(error).map((name) => `${name}=${JSON.stringify(Reflect.get(error, name))}`);
  return [...own, error.cause === undefined ? "" : everything(error.cause)].join("\n");
}

test("an exchange shows the call without its secrets", async () => {
  const exchanges: Exchange[] = [];
  await using provider = await startProvider((_received, response) =>
    json(
      response,
      200,
      { ticket: { id: 1, subject: token }, access_token: "fresh" },
      { "set-cookie": "sid=abc", "x-echo": `Bearer ${token}` },
    ),
  );
  await using ports = testPorts({ onExchange: (exchange) => exchanges.push(exchange) });
  const client = createClient(desk, connectionTo(provider.url), ports);
  await client.ticket.update(1, { subject: `my ${token}` });
  expect(exchanges).toMatchObject([
    {
      connection: "acme/acme-desk",
      label: "desk.ticket.update",
      request: {
        method: "PUT",
        path: "/api/tickets/1",
        headers: { authorization: "[secret]" },
        body: '{"ticket":{"subject":"my [secret]"}}',
      },
      response: {
        status: 200,
        headers: { "set-cookie": "[secret]", "x-echo": "Bearer [secret]" },
        body: '{"ticket":{"id":1,"subject":"[secret]"},"access_token":"[secret]"}',
      },
    },
  ]);
  expect(provider.received[0]?.headers.authorization).toBe(`Bearer ${token}`);
});

test("an observer that fails changes nothing", async () => {
  await using provider = await startProvider((_received, response) => json(response, 200, { ticket: { id: 1, subject: "a" } }));
  await using ports = testPorts({
    onExchange: () => {
      throw new Error("observer");
    },
  });
  await expect(createClient(desk, connectionTo(provider.url), ports).ticket.get(1)).resolves.toMatchObject({ id: 1 });
});

test.each<[string, Answer]>([
  ["HTTP_REFUSED", (_received, response) => json(response, 400, { error: `token ${token} in private-body` })],
  ["HTTP_UNAUTHORIZED", (_received, response) => json(response, 401, { error: `${token} private-body` })],
  ["CLIENT_RESPONSE_INVALID", (_received, response) => response.end(`${token} private-body`)],
  ["CLIENT_RESPONSE_INVALID", (_received, response) => json(response, 200, { ticket: { id: "private-body", subject: token } })],
  ["HTTP_CONNECTION_LOST", (_received, _response, request) => request.socket.end(`HTTP/1.1 200 OK\r\n${token} private-body\r\n\r\n`)],
])("%s says neither token nor body", async (code, answer) => {
  const exchanges: Exchange[] = [];
  await using provider = await startProvider(answer);
  await using ports = testPorts({ onExchange: (exchange) => exchanges.push(exchange) });
  const error = await createClient(desk, connectionTo(provider.url), ports)
    .ticket.get(1)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(everything(error)).not.toMatch(/s3cret|private-body/);
  expect(JSON.stringify(exchanges)).not.toContain("s3cret");
});
