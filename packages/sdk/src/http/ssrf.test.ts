import { Dispatcher } from "undici";
import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { connectionTo, desk, testPorts, token } from "./__fixtures__/desk.ts";
import { json, startProvider } from "./__fixtures__/local-provider.ts";
import { requestOf } from "./__fixtures__/requests.ts";
import { baseUrls, openAddresses, openUrls, redirects, refusedUrls, settings, zone } from "./__fixtures__/ssrf-table.ts";
import { refuseAddress } from "./address-guard.ts";
import { createClient } from "./client/create-client.ts";
import { createNetwork } from "./network.ts";
import { createPipeline } from "./pipeline.ts";
import { resolveBaseUrl } from "./base-url.ts";
import { guardUrls } from "./url-guard.ts";
import { staticCredentials } from "../auth/credentials.ts";
import { Secret } from "../secret.ts";

const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);

/** The name server of the tests: it knows what `zone` says and nothing else. */
const lookup: LookupFunction = (hostname, _options, callback) => {
  const addresses = zone[hostname];
  if (addresses === undefined) callback(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), []);
  else
    callback(
      null,
      addresses.map((address) => ({ address, family: familyOf(address) })),
    );
};

test("the table is as long as it has to be", () => {
  expect(baseUrls.length + refusedUrls.length + settings.length + redirects.length).toBeGreaterThan(100);
});

test.each(baseUrls)("a tenant's %s reaches nothing: %s", async (url, reason) => {
  await using network = createNetwork({ lookup });
  await using ports = testPorts();
  const client = createClient(desk, connectionTo(url), { ...ports, network, allowPrivateHost: false });
  await expect(client.ticket.get(1)).rejects.toMatchObject({
    code: "HTTP_ADDRESS_FORBIDDEN",
    retry: "never",
    details: { range: reason, sent: false },
  });
});

test.each(refusedUrls)("%s is no base URL, not even an operator's", (url, what) => {
  const { tenant, id, connector } = connectionTo(url);
  expect(() => resolveBaseUrl(desk, { tenant, id, connector, baseUrl: url })).toThrow(what);
});

test.each(settings)("the setting %j leads nowhere", (subdomain) => {
  expect(() => resolveBaseUrl(desk, { id: "acme-desk", tenant: "acme", connector: "desk", settings: { subdomain } })).toThrow(
    /settings\.subdomain/,
  );
});

/** The desk on this machine, as a connector that keeps its files elsewhere, and the internet of `zone` around it. */
async function startRedirecting(location: string, status: number) {
  const provider = await startProvider((received, response) => {
    if (received.url === "/loop") response.writeHead(status, { location: "/loop" }).end();
    else if (received.url === "/api/tickets") response.writeHead(status, { location }).end();
    else json(response, 200, { url: received.url, authorization: received.headers.authorization });
  });
  const network = createNetwork({ lookup });
  const ports = testPorts();
  /** What the operator named is reached as such; all else as what a stranger named. */
  class Around extends Dispatcher {
    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      return (options.origin === provider.url ? network.private : network.public).dispatch(options, handler);
    }
  }
  const send = createPipeline(
    {
      connector: { ...desk, redirects: "follow" },
      connection: "acme/desk",
      credentials: staticCredentials({ token: new Secret(token) }),
      dispatcher: new Around(),
      origin: provider.url,
      hosts: ["files.desk.example", "*.cdn.desk.example"],
    },
    ports,
  );
  return {
    provider,
    send,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([network[Symbol.asyncDispose](), ports[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()]);
    },
  };
}

test.each(redirects)("a redirect to %s is refused: %s, %s", async (location, code, reason) => {
  await using wire = await startRedirecting(location, 302);
  const refused = await wire.send(requestOf()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code });
  expect(Object.values((refused as { details: object }).details)).toContain(reason);
  expect(wire.provider.received).toHaveLength(1);
});

test.each([301, 302, 303, 307, 308])("a redirect of status %i to a private address, within the origin, and without end", async (status) => {
  await using elsewhere = await startRedirecting("https://10.0.0.1/", status);
  await expect(elsewhere.send(requestOf())).rejects.toMatchObject({ code: "HTTP_URL_FORBIDDEN", details: { reason: "host" } });
  await using within = await startRedirecting("/api/moved", status);
  expect(JSON.parse((await within.send(requestOf())).body)).toEqual({ url: "/api/moved", authorization: `Bearer ${token}` });
  await using endless = await startRedirecting("/loop", status);
  await expect(endless.send(requestOf())).rejects.toMatchObject({ code: "HTTP_REDIRECTED" });
  expect(endless.provider.received).toHaveLength(4);
});

test("a write is never sent on", async () => {
  await using wire = await startRedirecting("/api/moved", 307);
  await expect(wire.send(requestOf({ kind: "natural" }, { body: "{}" }))).rejects.toMatchObject({ code: "HTTP_REDIRECTED" });
  expect(wire.provider.received).toHaveLength(1);
});

test("a name that changes its mind is judged anew with every connection, and the one that stands keeps its address", async () => {
  let closes = false;
  await using provider = await startProvider((_received, response) =>
    json(response, 200, { ticket: { id: 1, subject: "a" } }, closes ? { connection: "close" } : {}),
  );
  const answers = ["127.0.0.1", "169.254.169.254", "0.0.0.0"];
  await using network = createNetwork({
    connectionsPerOrigin: 1,
    lookup: (_name, _options, callback) => callback(null, [{ address: answers.shift() ?? "", family: 4 }]),
  });
  await using ports = testPorts();
  // The operator's own host, because the test has no public address: what it may turn to is as closed as for any other.
  const client = createClient(desk, connectionTo(`http://rebinding.example:${new URL(provider.url).port}`), { ...ports, network });
  await client.ticket.get(1);
  closes = true;
  await client.ticket.get(1);
  expect(answers).toHaveLength(2);
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_ADDRESS_FORBIDDEN", details: { range: "metadata" } });
  await expect(client.ticket.get(1)).rejects.toMatchObject({ code: "HTTP_ADDRESS_FORBIDDEN", details: { range: "unspecified" } });
  expect(provider.received).toHaveLength(2);
});

test.each(openAddresses)("%s stays open", (address) => {
  expect(refuseAddress(address, "public")).toBeUndefined();
});

test.each(openUrls)("%s stays open", (url) => {
  expect(guardUrls("https://acme.desk.example", ["files.desk.example", "*.cdn.desk.example"]).refuse(url)).toBeUndefined();
});

test("the host that an operator named is reached in the operator's own network, and no other one is", async () => {
  await using provider = await startProvider((_received, response) => json(response, 200, { ticket: { id: 1, subject: "a" } }));
  await using network = createNetwork({ lookup: (_name, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]) });
  await using ports = testPorts();
  const client = createClient(desk, connectionTo(`http://desk.intern:${new URL(provider.url).port}`), { ...ports, network });
  await expect(client.ticket.get(1)).resolves.toMatchObject({ id: 1 });
  expect(guardUrls(`http://desk.intern:${new URL(provider.url).port}`).refuse("http://other.intern/")).toMatchObject({
    code: "HTTP_URL_FORBIDDEN",
  });
});
