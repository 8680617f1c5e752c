import { expect, test } from "vitest";
import { createBelayClient } from "./create-belay-client.ts";
import { toProxyRequest } from "./call-provider.ts";

const url = "http://127.0.0.1:4000";

test("a call is a request below the connection, with the token and as it was written", async () => {
  const request = toProxyRequest(url, "t", "acme desk", {
    method: "POST",
    path: "/a%2Fb?x=%20&y=/../z",
    headers: { "idempotency-key": "k", authorization: "Bearer mine" },
    body: "text",
  });
  expect([request.method, request.url, await request.text()]).toEqual(["POST", `${url}/v1/proxy/acme%20desk/a%2Fb?x=%20&y=/../z`, "text"]);
  expect(Object.fromEntries(request.headers)).toMatchObject({ authorization: "Bearer t", "idempotency-key": "k" });
});

test.each(["a", "", "/../../connections", "/a/%2e%2e/b", "/./a", "/a b", "/ä", "/a\\b", "//evil.example/../x", "/a#b/../c", "/a\nb"])(
  "the path %j is refused before anything is sent",
  async (path) => {
    const client = createBelayClient({ url, token: "t", fetch: () => Promise.reject(new Error("It was sent.")) });
    await expect(client.proxy("acme", { path })).rejects.toMatchObject({ code: "PROXY_PATH_INVALID" });
  },
);

test("every answer is given as it is, and nobody who answers is told", async () => {
  const answering = createBelayClient({ url, token: "t", fetch: () => Promise.resolve(new Response("no", { status: 503 })) });
  expect((await answering.proxy("acme", { path: "/x" })).status).toBe(503);
  const nobody = createBelayClient({ url, token: "t", fetch: () => Promise.reject(new TypeError("fetch failed")) });
  await expect(nobody.proxy("acme", { path: "/x" })).rejects.toMatchObject({ code: "API_UNREACHABLE" });
});
