import { github, githubOAuth } from "@belay/connector-github";
import { hubspot, hubspotOAuth } from "@belay/connector-hubspot";
import { zendesk, zendeskOAuth } from "@belay/connector-zendesk";
import { Secret, credentialForm, defineConnector } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import { simulate } from "@belay/testkit";
import { expect, test } from "vitest";
import { beginAuthorization, createEndpoints, exchangeCode, refreshGrant } from "../../packages/server/src/oauth/index.ts";
import type { OAuthParts } from "../../packages/server/src/oauth/index.ts";

/* The OAuth that our connectors declare, danced with their simulators: authorization, code, refresh, and a token that opens the API. */

const connectors = [
  defineConnector({ ...github, auth: githubOAuth }),
  defineConnector({ ...hubspot, auth: hubspotOAuth }),
  defineConnector({ ...zendesk, auth: zendeskOAuth }),
];

test.each(connectors.map((connector) => ({ connector, id: connector.id })))("$id", async ({ connector }) => {
  const client = { id: "app", secrets: [new Secret("s3cret")] };
  const credential = { clientId: new Secret(client.id), clientSecret: new Secret("s3cret") };
  await using simulator = await simulate(connector, { accounts: { acme: credential } });
  await using network = createNetwork();
  const connection = { id: "acme", tenant: "acme", connector: connector.id, baseUrl: simulator.url("acme") };
  const auth = await createEndpoints(systemClock).resolve(connector, connection, network.private);
  if (auth.kind !== "oauth2") throw new Error(auth.kind);
  const parts: OAuthParts = { auth, client, dispatcher: network.private, clock: systemClock };
  const asked = { redirectUri: "http://127.0.0.1/callback", state: "s".repeat(20), scopes: auth.scopes ?? [] };
  const { url, codeVerifier } = await beginAuthorization(parts, asked);
  const callbackUrl = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
  const connected = await exchangeCode(parts, { ...asked, callbackUrl, codeVerifier });
  if (connected.kind !== "granted") throw new Error(connected.detail);
  const { refreshToken = new Secret("") } = connected.grant.fields;
  const refreshed = await refreshGrant(parts, { refreshToken });
  if (refreshed.kind !== "granted") throw new Error(refreshed.detail);
  const token = refreshed.grant.fields["accessToken"]?.reveal() ?? "";
  const [resource] = Object.values(connector.resources);
  const path = resource!.path.replaceAll(/\{\w+\}/g, "one");
  const open = (headers: Record<string, string>) => fetch(`${simulator.url("acme")}${path}`, { headers }).then(({ status }) => status);
  expect(await open({})).toBe(401);
  expect(await open({ authorization: `Bearer ${token}` })).not.toBe(401);
});

test("a form asks for what each connector needs, in words", () => {
  expect(credentialForm(zendesk.auth)).toMatchObject([
    { name: "username", label: "E-mail address, followed by /token", secret: false, required: true },
    { name: "password", label: "API token", secret: true },
  ]);
  expect(credentialForm(github.auth)).toMatchObject([{ name: "token", label: "Personal access token", secret: true }]);
  expect(credentialForm(hubspotOAuth)).toEqual([]);
});
