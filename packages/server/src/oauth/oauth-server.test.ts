import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { createNetwork, systemClock } from "@belay/sdk/http";
import type { Network } from "@belay/sdk/http";
import { Secret } from "@belay/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newKey, startOAuthServer } from "../../../../test/oauth/start-oauth-server.ts";
import type { OAuthServer } from "../../../../test/oauth/start-oauth-server.ts";
import { beginAuthorization, exchangeCode, obtainGrant, refreshGrant, revokeGrant } from "./index.ts";
import type { OAuthParts, TokenOutcome } from "./index.ts";

/* The whole dance with an authorization server that others have written. */

let network: Network;
beforeAll(() => {
  network = createNetwork();
  return () => network[Symbol.asyncDispose]();
});

const redirectUri = "http://127.0.0.1/callback";
const state = "state-0123456789";

function partsOf({ auth, client }: OAuthServer, changes: Partial<OAuthParts> = {}): OAuthParts {
  return { auth, client, dispatcher: network.private, clock: systemClock, timeoutMs: 5_000, ...changes };
}

async function dance(server: OAuthServer, parts = partsOf(server), scopes = ["openid", "offline_access", "contacts.read"]) {
  const { url, codeVerifier } = await beginAuthorization(parts, { redirectUri, state, scopes });
  const callbackUrl = await server.agree(url);
  return { url, callbackUrl, outcome: await exchangeCode(parts, { callbackUrl, redirectUri, state, codeVerifier, scopes }) };
}

function grantOf(outcome: TokenOutcome) {
  if (outcome.kind !== "granted") throw new Error(`${outcome.kind}: ${outcome.code} ${outcome.detail}`);
  return outcome.grant;
}

const field = (outcome: TokenOutcome, name: string): Secret => grantOf(outcome).fields[name] ?? new Secret("");

const callApi = async (server: OAuthServer, token: Secret): Promise<number> =>
  (await fetch(`${server.issuer}/api/contacts`, { headers: { authorization: `Bearer ${token.reveal()}` } })).status;

describe("with rotation and reuse detection", () => {
  let server: OAuthServer;
  beforeAll(async () => {
    server = await startOAuthServer();
  });
  afterAll(() => server.close());

  test("a user agrees, and the grant says what, for whom and until when", async () => {
    const { url, outcome } = await dance(server);
    // Pushed: nothing of the request is in the browser.
    expect([...new URL(url).searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"]);
    const grant = grantOf(outcome);
    expect(grant).toMatchObject({ scopes: ["openid", "offline_access", "contacts.read"], account: { id: "user-1" } });
    expect(Math.abs((grant.expiresAtMs ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(await callApi(server, field(outcome, "accessToken"))).toBe(200);
  });

  test("without pushing, PKCE and scopes are in the address", async () => {
    const { pushedAuthorizationUrl: _left, ...auth } = server.auth;
    const { url, outcome } = await dance(server, partsOf(server, { auth }));
    expect(new URL(url).searchParams.get("code_challenge_method")).toBe("S256");
    expect(outcome.kind).toBe("granted");
  });

  test("a refresh yields another pair, and showing the old token again ends the grant", async () => {
    const { refreshToken } = await server.consent();
    const first = await refreshGrant(partsOf(server), { refreshToken });
    expect(field(first, "refreshToken").reveal()).not.toBe(refreshToken.reveal());
    expect(await refreshGrant(partsOf(server), { refreshToken })).toMatchObject({ kind: "refused", code: "OAUTH_GRANT_REVOKED" });
    expect(server.ledger.tokens.at(-1)).toMatchObject({ outcome: "reused" });
    const after = await refreshGrant(partsOf(server), { refreshToken: field(first, "refreshToken") });
    expect(after).toMatchObject({ kind: "refused", code: "OAUTH_GRANT_REVOKED" });
  });

  test("what the user has not ticked is not among the granted scopes", async () => {
    server.decide((asked) => asked.filter((scope) => scope !== "contacts.write"));
    const scopes = ["openid", "offline_access", "contacts.read", "contacts.write"];
    const { outcome } = await dance(server, partsOf(server), scopes);
    server.decide((asked) => asked);
    expect(grantOf(outcome).scopes).toEqual(["openid", "offline_access", "contacts.read"]);
  });

  test("a user who says no is a refusal, and not a fault", async () => {
    server.decide(() => "deny");
    const { outcome } = await dance(server);
    server.decide((asked) => asked);
    expect(outcome).toMatchObject({ kind: "refused", code: "OAUTH_CONSENT_DENIED" });
  });

  test("a callback with another state, another issuer or no code is not believed, and nothing is asked", async () => {
    const { callbackUrl } = await dance(server);
    const asked = server.ledger.tokens.length;
    const wrong = [
      callbackUrl.replace(state, "stolen"),
      callbackUrl.replace("iss=http", "iss=https"),
      `${redirectUri}?state=${state}`,
      "no",
    ];
    for (const each of wrong) {
      const outcome = await exchangeCode(partsOf(server), { callbackUrl: each, redirectUri, state, codeVerifier: "v", scopes: [] });
      expect(outcome).toMatchObject({ kind: "refused", code: "OAUTH_CALLBACK_INVALID" });
    }
    expect(server.ledger.tokens.length).toBe(asked);
  });

  test("a code is good for one use and one verifier", async () => {
    const { callbackUrl } = await dance(server);
    const again = await exchangeCode(partsOf(server), { callbackUrl, redirectUri, state, codeVerifier: "v".repeat(43), scopes: [] });
    expect(again).toMatchObject({ kind: "refused", code: "OAUTH_GRANT_REVOKED" });
  });

  test("given back, the grant opens nothing any more, and giving it back again is no error", async () => {
    const { accessToken, refreshToken } = await server.consent();
    expect(await callApi(server, accessToken)).toBe(200);
    expect(await revokeGrant(partsOf(server), { accessToken, refreshToken })).toEqual({ kind: "revoked" });
    expect(await revokeGrant(partsOf(server), { accessToken, refreshToken })).toEqual({ kind: "revoked" });
    expect(await callApi(server, accessToken)).toBe(401);
    expect(await refreshGrant(partsOf(server), { refreshToken })).toMatchObject({ kind: "refused", code: "OAUTH_GRANT_REVOKED" });
    const { revocationUrl: _left, ...auth } = server.auth;
    expect(await revokeGrant(partsOf(server, { auth }), { accessToken })).toEqual({ kind: "unsupported" });
  });

  test("the next secret is tried when the first is refused, and no token is lost by it", async () => {
    const client = { ...server.client, secrets: [new Secret("old"), ...server.client.secrets] };
    const { refreshToken } = await server.consent();
    expect((await refreshGrant(partsOf(server, { client }), { refreshToken })).kind).toBe("granted");
    const wrong = partsOf(server, { client: { ...server.client, secrets: [new Secret("old")] } });
    const { refreshToken: other } = await server.consent();
    expect(await refreshGrant(wrong, { refreshToken: other })).toMatchObject({ kind: "refused", code: "OAUTH_CLIENT_REFUSED" });
    expect((await refreshGrant(partsOf(server), { refreshToken: other })).kind).toBe("granted");
  });
});

test("without rotation the refresh token stays good", async () => {
  await using server = await startOAuthServer({ rotation: false, clientAuthentication: "body" });
  const { refreshToken } = await server.consent();
  for (const _time of [1, 2]) expect((await refreshGrant(partsOf(server), { refreshToken })).kind).toBe("granted");
});

test("an answer that is cut off after the server judged is unknown, and the ledger says that it is lost", async () => {
  await using server = await startOAuthServer({ afterToken: () => "cut" });
  const { refreshToken } = await server.consent();
  expect(await refreshGrant(partsOf(server), { refreshToken })).toMatchObject({ kind: "unknown", code: "OAUTH_ANSWER_LOST" });
  await expect.poll(() => server.ledger.lost().length).toBe(1);
});

describe("a client that proves itself by its private key", () => {
  test("connects, refreshes, revokes and acts for itself; the server holds its public key only", async () => {
    await using server = await startOAuthServer({ clientAuthentication: "signed", requirePushed: true });
    const { outcome } = await dance(server);
    expect(outcome.kind).toBe("granted");
    const { accessToken, refreshToken } = await server.consent();
    expect((await refreshGrant(partsOf(server), { refreshToken })).kind).toBe("granted");
    expect(await revokeGrant(partsOf(server), { accessToken })).toEqual({ kind: "revoked" });
    expect((await obtainGrant(partsOf(server), {})).kind).toBe("granted");
  });

  test("is tried with its next key when the first is refused, so that keys are replaced without a gap", async () => {
    await using server = await startOAuthServer({ clientAuthentication: "signed" });
    const client = { ...server.client, secrets: [new Secret(newKey()), ...server.client.secrets] };
    expect((await obtainGrant(partsOf(server, { client }), {})).kind).toBe("granted");
    const wrong = { ...server.client, secrets: [new Secret(newKey())] };
    expect(await obtainGrant(partsOf(server, { client: wrong }), {})).toMatchObject({ kind: "refused", code: "OAUTH_CLIENT_REFUSED" });
  });

  test.each([
    ["no key", "nonsense"],
    ["a public key", createPublicKey(newKey()).export({ format: "pem", type: "spki" }).toString()],
    ["a public JWK", JSON.stringify(createPublicKey(newKey()).export({ format: "jwk" }))],
    ["a key of no use for signing", generateKeyPairSync("x25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString()],
  ])("is told what to give instead of %s", async (_, secret) => {
    await using server = await startOAuthServer({ clientAuthentication: "signed" });
    const client = { ...server.client, secrets: [new Secret(secret)] };
    const asked = obtainGrant(partsOf(server, { client }), {});
    await expect(asked).rejects.toMatchObject({ code: "OAUTH_FIELD_INVALID", details: { field: "clientSecret" } });
    await expect(asked).rejects.not.toThrow(secret);
  });
});

test("a public client proves itself by PKCE alone", async () => {
  await using server = await startOAuthServer({ clientAuthentication: "none" });
  expect((await dance(server)).outcome.kind).toBe("granted");
});
