import { Secret, defineConnector } from "@belay/sdk";
import type { Connection, OAuth2 } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import type { Network } from "@belay/sdk/http";
import { OAuth2Server } from "oauth2-mock-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startTokenEndpoint } from "./__fixtures__/token-endpoint.ts";
import { clientFor, createEndpoints, obtainGrant } from "./index.ts";

let network: Network;
beforeAll(() => {
  network = createNetwork();
});
afterAll(() => network[Symbol.asyncDispose]());

const oauth2: OAuth2 = {
  kind: "oauth2",
  tokenUrl: "https://{shop}.crm.example/token",
  grants: ["client_credentials"],
  accessTokenLifetime: "1h",
  clientAuthentication: "body",
};

const crm = (changes: Partial<OAuth2>) =>
  defineConnector({
    id: "crm",
    title: "CRM",
    baseUrl: "https://{shop}.crm.example/api",
    auth: { ...oauth2, ...changes },
    resources: { deal: { path: "/deals", id: "id", schema: z.object({ id: z.string() }) } },
  });

const connection = (changes: Partial<Connection> = {}): Connection => ({
  id: "acme-crm",
  tenant: "acme",
  connector: "crm",
  settings: { shop: "acme" },
  ...changes,
});

const resolve = async (auth: Partial<OAuth2>, own: Partial<Connection> = {}) =>
  (await createEndpoints(systemClock).resolve(crm(auth), connection(own), network.private)) as OAuth2;

describe("an endpoint", () => {
  test.each([
    ["is filled with the connection's settings", {}, {}, "https://acme.crm.example/token"],
    ["that is a path is below the base URL", { tokenUrl: "/oauth/token" }, {}, "https://acme.crm.example/api/oauth/token"],
    ["on a host of its own stays there", { tokenUrl: "https://login.example/t" }, {}, "https://login.example/t"],
    [
      "on the connector's host moves with a connection that has its own",
      {},
      { baseUrl: "https://crm.acme.example/x" },
      "https://crm.acme.example/x/token",
    ],
    [
      "elsewhere does not move with it",
      { tokenUrl: "https://login.example/t" },
      { baseUrl: "https://crm.acme.example" },
      "https://login.example/t",
    ],
    [
      "is on this machine with all else",
      { tokenUrl: "https://login.example/t" },
      { baseUrl: "http://127.0.0.1:9/acme" },
      "http://127.0.0.1:9/acme/t",
    ],
  ] as const)("%s", async (_what, auth, own, expected) => {
    expect((await resolve(auth, own)).tokenUrl).toBe(expected);
  });

  test("takes no setting that would lead to another host", async () => {
    await expect(resolve({}, { settings: { shop: "evil.example/" } })).rejects.toThrow("settings.shop");
  });
});

describe("an issuer", () => {
  test("of others' making tells its endpoints, and a token comes from there", async () => {
    const server = new OAuth2Server();
    await server.issuer.keys.generate("RS256");
    await server.start(0, "127.0.0.1");
    try {
      const { tokenUrl: _left, ...rest } = oauth2;
      const issuer = server.issuer.url ?? "";
      const endpoints = createEndpoints(systemClock);
      const connector = defineConnector({ ...crm({}), auth: { ...rest, issuer } });
      const auth = await endpoints.resolve(connector, connection(), network.private);
      expect(auth).toMatchObject({ tokenUrl: `${issuer}/token`, revocationUrl: `${issuer}/revoke` });
      const fields = { clientId: new Secret("c"), clientSecret: new Secret("s") };
      const outcome = await obtainGrant({ auth, dispatcher: network.private, clock: systemClock }, fields);
      expect(outcome.kind).toBe("granted");
      // It is remembered: the issuer is not needed for the next.
      await server.stop();
      expect(await endpoints.resolve(connector, connection(), network.private)).toEqual(auth);
    } finally {
      if (server.listening) await server.stop();
    }
  });

  test("is asked at both places, believed only for itself, and not at all where everything is declared", async () => {
    await using endpoint = await startTokenEndpoint();
    const issuer = new URL(endpoint.url).origin;
    const { tokenUrl: _left, ...rest } = oauth2;
    const resolveAt = (auth: OAuth2) =>
      createEndpoints(systemClock).resolve(defineConnector({ ...crm({}), auth }), connection(), network.private);
    const document = { issuer, token_endpoint: `${issuer}/t` };
    endpoint.script({ status: 404 }, { body: document });
    expect(await resolveAt({ ...rest, issuer })).toMatchObject({ tokenUrl: `${issuer}/t` });
    expect(endpoint.received.map(({ path }) => path)).toEqual([
      "/.well-known/oauth-authorization-server",
      "/.well-known/openid-configuration",
    ]);
    endpoint.script({ body: { ...document, issuer: "https://evil.example" } });
    await expect(resolveAt({ ...rest, issuer })).rejects.toMatchObject({ code: "OAUTH_DISCOVERY_FAILED" });
    endpoint.script({ status: 503 });
    await expect(resolveAt({ ...rest, issuer })).rejects.toThrow("answered 503");
    endpoint.script({ body: document });
    expect(await resolveAt({ ...oauth2, issuer })).toMatchObject({ tokenUrl: "https://acme.crm.example/token" });
    expect(endpoint.received).toEqual([]);
  });
});

test("a client is that of the credential, or the configuration's, or missed by name", () => {
  const client = { id: "ours", secrets: [new Secret("s")] };
  expect(clientFor({ oauthClients: { crm: client } }, "crm")).toBe(client);
  expect(clientFor({ oauthClients: { crm: client } }, "crm", { clientId: new Secret("own") })).toEqual({ id: "own", secrets: [] });
  expect(() => clientFor({}, "crm")).toThrow("oauthClients.crm: is missing in the configuration.");
});
