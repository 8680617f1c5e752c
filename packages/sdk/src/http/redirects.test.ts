import { expect, test } from "vitest";
import { answer, requestOf } from "./__fixtures__/requests.ts";
import type { OutboundRequest, OutboundResponse } from "./outbound.ts";
import { followRedirects } from "./redirects.ts";
import { guardUrls } from "./url-guard.ts";

const origin = "https://acme.desk.example";
const guard = guardUrls(origin, ["files.desk.example"]);

test("another origin gets neither the credential nor any other header that it need not know, and a hop back gets it no more", async () => {
  const seen: OutboundRequest[] = [];
  const answers = [
    answer(302, { location: "https://files.desk.example/f?signature=s" }),
    answer(302, { location: `${origin}/back` }),
    answer(200, {}, "content"),
  ];
  const send = followRedirects(
    origin,
    guard,
  )((request) => {
    seen.push(request);
    return Promise.resolve(answers.shift() as OutboundResponse);
  });
  const response = await send(
    requestOf(undefined, { headers: { authorization: "Bearer s3cret", "x-api-key": "k", accept: "*/*", traceparent: "t" } }),
  );
  expect(response.body).toBe("content");
  expect(seen.map(({ origin: at, path, headers }) => [at, path, headers])).toEqual([
    [undefined, "/api/tickets", { authorization: "Bearer s3cret", "x-api-key": "k", accept: "*/*", traceparent: "t" }],
    ["https://files.desk.example", "/f?signature=s", { accept: "*/*" }],
    [origin, "/back", { accept: "*/*" }],
  ]);
});

test("a redirect without a location is an answer", async () => {
  const send = followRedirects(origin, guard)(() => Promise.resolve(answer(302)));
  await expect(send(requestOf())).resolves.toMatchObject({ status: 302 });
});
