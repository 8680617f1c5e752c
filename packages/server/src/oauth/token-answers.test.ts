import { Secret } from "@belay/sdk";
import type { OAuth2 } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import type { Network } from "@belay/sdk/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTokenEndpoint } from "./__fixtures__/token-endpoint.ts";
import type { Scripted, TokenEndpoint } from "./__fixtures__/token-endpoint.ts";
import { refreshGrant } from "./index.ts";
import type { OAuthParts, TokenOutcome } from "./index.ts";

/* What each answer of a token endpoint comes to. Each row is seen, or said to be, at a real provider. */

let network: Network;
let endpoint: TokenEndpoint;
beforeAll(async () => {
  [network, endpoint] = [createNetwork(), await startTokenEndpoint()];
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

const now = Date.parse("2026-11-22T12:00:00Z");
const clock = { ...systemClock, now: () => now };

function partsOf(changes: Partial<OAuth2> = {}, own: Partial<OAuthParts> = {}): OAuthParts {
  const auth: OAuth2 = {
    kind: "oauth2",
    tokenUrl: endpoint.url,
    grants: ["refresh_token"],
    accessTokenLifetime: "30m",
    clientAuthentication: "body",
    ...changes,
  };
  return { auth, client: { id: "c", secrets: [new Secret("s1")] }, dispatcher: network.private, clock, timeoutMs: 2_000, ...own };
}

const refresh = (parts: OAuthParts): Promise<TokenOutcome> => refreshGrant(parts, { refreshToken: new Secret("old") });

interface Shown {
  readonly fields?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** An outcome as a row writes it: secrets revealed, and how long the token holds instead of until when. */
function show(outcome: TokenOutcome): Shown {
  if (outcome.kind !== "granted") return { ...outcome };
  const { fields, expiresAtMs, refreshExpiresAtMs, scopes, account } = outcome.grant;
  return {
    kind: "granted",
    fields: Object.fromEntries(Object.entries(fields).map(([name, secret]) => [name, secret.reveal()])),
    holdsSeconds: ((expiresAtMs ?? 0) - now) / 1_000,
    refreshHoldsSeconds: refreshExpiresAtMs === null ? null : (refreshExpiresAtMs - now) / 1_000,
    scopes,
    account,
  };
}

const good = { access_token: "at", token_type: "Bearer", expires_in: 3_600, refresh_token: "rt", scope: "a b" };
const granted = { kind: "granted", fields: { accessToken: "at", refreshToken: "rt" }, holdsSeconds: 3_600, scopes: ["a", "b"] };
const declared = { ...granted, holdsSeconds: 1_800 };
const onlyToken = { kind: "granted", fields: { accessToken: "at" } };
const refused = (code: string) => ({ kind: "refused", code: `OAUTH_${code}` });
const unavailable = (code: string) => ({ kind: "unavailable", code: `OAUTH_${code}` });
const unknown = (code: string) => ({ kind: "unknown", code: `OAUTH_${code}` });
const form = { "content-type": "application/x-www-form-urlencoded" };
const html = { "content-type": "text/html" };

const rows: readonly (readonly [what: string, answer: Scripted, expected: object, auth?: Partial<OAuth2>])[] = [
  ["as the RFC says", { body: good }, granted],
  ["with 201", { status: 201, body: good }, granted],
  ["without token_type", { body: { ...good, token_type: undefined } }, granted],
  ["with a token_type of its own", { body: { ...good, token_type: "user" } }, granted],
  ["with a token that is bound to a key", { body: { ...good, token_type: "DPoP" } }, refused("TOKEN_TYPE_UNKNOWN")],
  ["as a form", { headers: form, body: "access_token=at&refresh_token=rt&expires_in=3600&scope=a+b" }, granted],
  ["as a form that is called text/plain", { headers: { "content-type": "text/plain" }, body: "access_token=at" }, onlyToken],
  ["as JSON that is called text/html", { headers: html, body: JSON.stringify(good) }, granted],
  ["as JSON behind a byte order mark", { body: `\uFEFF${JSON.stringify(good)}` }, granted],
  ["with refresh_token null", { body: { ...good, refresh_token: null } }, onlyToken],
  ["with an empty refresh_token", { body: { ...good, refresh_token: "" } }, onlyToken],
  ["with scopes as a list", { body: { ...good, scope: ["a", "b"] } }, granted],
  ["with scopes parted by commas", { body: { ...good, scope: "a,b" } }, granted],
  ["without scope", { body: { ...good, scope: undefined } }, { ...granted, scopes: undefined }],
  ["with expires_in as a text", { body: { ...good, expires_in: "3600" } }, granted],
  ["without expires_in", { body: { ...good, expires_in: undefined } }, declared],
  ["with expires_in 0", { body: { ...good, expires_in: 0 } }, declared],
  ["with expires_in -1", { body: { ...good, expires_in: -1 } }, declared],
  ["with expires_in null", { body: { ...good, expires_in: null } }, declared],
  ["with expires_in in words", { body: { ...good, expires_in: "never" } }, declared],
  ["with expires_in of 68 years", { body: { ...good, expires_in: 2_147_483_647 } }, declared],
  ["with a lifetime that is not true", { body: good }, declared, { lifetimeFrom: "declared" }],
  [
    "with an instant by a clock that is ten minutes ahead",
    { headers: { date: "Sun, 22 Nov 2026 12:10:00 GMT" }, body: { ...good, expires_in: undefined, ends: "2026-11-22T13:10:00Z" } },
    granted,
    { answer: { expiresAt: "ends" } },
  ],
  [
    "with an instant in seconds",
    { headers: { date: "Sun, 22 Nov 2026 12:00:00 GMT" }, body: { ...good, expires_in: undefined, ends: now / 1_000 + 60 } },
    { ...granted, holdsSeconds: 60 },
    { answer: { expiresAt: "ends" } },
  ],
  [
    "that says when the refresh token ends",
    { body: { ...good, refresh_token_expires_in: 7_200 } },
    { ...granted, refreshHoldsSeconds: 7_200 },
    { refreshToken: { rotates: true, lifetime: "30d" } },
  ],
  [
    "that does not say it",
    { body: good },
    { ...granted, refreshHoldsSeconds: 86_400 },
    { refreshToken: { rotates: true, lifetime: "1d" } },
  ],
  [
    "with the token in an object",
    { body: { ok: true, authed_user: { id: "U1", access_token: "at", scope: "a,b" }, team: { id: 7 } } },
    { ...onlyToken, scopes: ["a", "b"], account: { id: "7", name: "U1" } },
    { answer: { accessToken: "authed_user.access_token", scope: "authed_user.scope" }, account: { id: "team.id", name: "authed_user.id" } },
  ],
  [
    "with the account among the claims of an ID token",
    { body: { ...good, id_token: `h.${Buffer.from('{"sub":"u-1"}').toString("base64url")}.s` } },
    { ...granted, account: { id: "u-1" } },
    { account: { id: "id_token.sub" } },
  ],
  ["with a token that would break a header", { body: { ...good, access_token: "a\r\nx: y" } }, unknown("ANSWER_UNREADABLE")],
  ["of success without a token", { body: { token_type: "Bearer" } }, unknown("ANSWER_UNREADABLE")],
  ["of success with HTML", { headers: html, body: "<html>Maintenance</html>" }, unknown("ANSWER_UNREADABLE")],
  ["of success with nothing", { body: "" }, unknown("ANSWER_UNREADABLE")],
  ["of success with half a JSON", { body: '{"access_token":"a' }, unknown("ANSWER_UNREADABLE")],
  ["of success that is too large", { body: { ...good, padding: "x".repeat(70_000) } }, unknown("ANSWER_UNREADABLE")],
  ["200 with an error", { body: { error: "invalid_grant" } }, refused("GRANT_REVOKED")],
  [
    "200 with ok: false",
    { body: { ok: false, error: "token_revoked" } },
    refused("ACCOUNT_GONE"),
    { refusals: { rows: [{ code: "token_revoked", means: "accountGone" }] } },
  ],
  ["200 with an error as a form", { headers: form, body: "error=bad_refresh_token&error_description=x" }, refused("GRANT_REVOKED")],
  [
    "with the code in a member of its own",
    { status: 400, body: { status: "BAD_REFRESH_TOKEN" } },
    refused("GRANT_REVOKED"),
    { refusals: { at: ["error", "status"], rows: [{ code: "BAD_REFRESH_TOKEN", means: "grantRevoked" }] } },
  ],
  [
    "that is known by a text only",
    { status: 400, body: "Refresh token is not valid for this account" },
    refused("GRANT_REVOKED"),
    { refusals: { rows: [{ status: 400, contains: "not valid", means: "grantRevoked" }] } },
  ],
  ["with the code in an object", { status: 400, body: { error: { code: "invalid_grant", message: "x" } } }, refused("GRANT_REVOKED")],
  ["400 invalid_grant", { status: 400, body: { error: "invalid_grant" } }, refused("GRANT_REVOKED")],
  [
    "400 invalid_grant for a token that was used",
    { status: 400, body: { error: "invalid_grant", error_description: "Refresh token reuse detected" } },
    refused("GRANT_REUSED"),
  ],
  ["401 invalid_client", { status: 401, body: { error: "invalid_client" } }, refused("CLIENT_REFUSED")],
  ["401 without a body", { status: 401 }, refused("CLIENT_REFUSED")],
  ["400 unauthorized_client", { status: 400, body: { error: "unauthorized_client" } }, refused("CLIENT_REFUSED")],
  ["400 invalid_scope", { status: 400, body: { error: "invalid_scope" } }, refused("SCOPE_REFUSED")],
  ["400 invalid_request", { status: 400, body: { error: "invalid_request" } }, refused("REQUEST_REFUSED")],
  ["400 with a code that nobody knows", { status: 400, body: { error: "E_1729" } }, refused("REQUEST_REFUSED")],
  ["400 without a code", { status: 400, body: { oops: true } }, unavailable("ANSWER_UNEXPECTED")],
  ["403 of a firewall", { status: 403, headers: html, body: "<html>Denied</html>" }, unavailable("ANSWER_UNEXPECTED")],
  ["404", { status: 404, headers: html, body: "<html></html>" }, unavailable("ANSWER_UNEXPECTED")],
  ["404 that is too large", { status: 404, body: "x".repeat(70_000) }, unavailable("ANSWER_UNEXPECTED")],
  ["400 temporarily_unavailable", { status: 400, body: { error: "temporarily_unavailable" } }, unavailable("PROVIDER_FAILED")],
  ["400 slow_down", { status: 400, body: { error: "slow_down" } }, unavailable("RATE_LIMITED")],
  ["429", { status: 429, headers: { "retry-after": "17" } }, { ...unavailable("RATE_LIMITED"), retryAfterMs: 17_000 }],
  ["429 with invalid_grant", { status: 429, body: { error: "invalid_grant" } }, unavailable("RATE_LIMITED")],
  ["500", { status: 500, body: "x" }, unavailable("PROVIDER_FAILED")],
  ["500 with invalid_grant", { status: 500, body: { error: "invalid_grant" } }, unavailable("PROVIDER_FAILED")],
  ["502", { status: 502, headers: html, body: "<html></html>" }, unavailable("GATEWAY_FAILED")],
  ["503 that says when", { status: 503, headers: { "retry-after": "60" } }, { ...unavailable("PROVIDER_FAILED"), retryAfterMs: 60_000 }],
  ["504", { status: 504 }, unavailable("GATEWAY_FAILED")],
  ["302", { status: 302, headers: { location: "https://elsewhere.example/" } }, unavailable("REDIRECTED")],
  ["307 that a client would follow with the token", { status: 307, headers: { location: "/other" } }, unavailable("REDIRECTED")],
  ["none: the connection is cut", { instead: "cut" }, unknown("ANSWER_LOST")],
];

describe("an answer", () => {
  test.each(rows.map(([what, answer, expected, auth]) => ({ what, answer, expected, auth })))(
    "$what",
    async ({ answer, expected, auth }) => {
      endpoint.script(answer);
      const outcome = show(await refresh(partsOf(auth)));
      expect(outcome).toMatchObject(expected);
      expect(outcome.fields).toEqual((expected as Shown).fields);
      expect(endpoint.received.length).toBe(1);
      if (outcome["kind"] !== "granted") expect(JSON.stringify(outcome)).not.toMatch(/old|s1/);
    },
  );

  test("there are at least forty of them", () => expect(rows.length).toBeGreaterThanOrEqual(40));
});

describe("without an answer", () => {
  test("silence is unknown when the time is up", async () => {
    endpoint.script({ instead: "silence" });
    expect(await refresh(partsOf({}, { timeoutMs: 50, clock: systemClock }))).toMatchObject(unknown("TIMEOUT"));
  });

  test("a name that is not known, a port at which nobody listens, and an address that is closed leave the token as it was", async () => {
    const lookup = createNetwork({
      lookup: (hostname, _options, callback) => callback(Object.assign(new Error(`no ${hostname}`), { code: "ENOTFOUND" }), ""),
    });
    const lost = await refresh(partsOf({ tokenUrl: "https://login.crm.example/token" }, { dispatcher: lookup.public }));
    await lookup[Symbol.asyncDispose]();
    expect(lost).toMatchObject(unavailable("HOST_UNKNOWN"));
    expect(await refresh(partsOf({ tokenUrl: "http://127.0.0.1:1/token" }))).toMatchObject(unavailable("CONNECT_FAILED"));
    expect(await refresh(partsOf({}, { dispatcher: network.public }))).toMatchObject(unavailable("ADDRESS_FORBIDDEN"));
  });
});

describe("a request", () => {
  const fieldsOf = (body: string): Record<string, string> => Object.fromEntries(new URLSearchParams(body));

  test("is a form with the client in its body, and follows no redirect with it", async () => {
    endpoint.script({ body: good });
    await refresh(partsOf({ tokenParameters: { audience: "api" } }));
    const [first] = endpoint.received;
    expect(fieldsOf(first!.body)).toEqual({
      audience: "api",
      client_id: "c",
      client_secret: "s1",
      grant_type: "refresh_token",
      refresh_token: "old",
    });
  });

  test("is JSON, with another name for the client, where the provider wants that", async () => {
    endpoint.script({ body: good });
    await refresh(partsOf({ tokenBody: "json", clientIdParameter: "client_key" }));
    const [first] = endpoint.received;
    expect(first!.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(first!.body)).toMatchObject({ client_key: "c", client_secret: "s1", refresh_token: "old" });
  });

  test("carries the client in HTTP basic, encoded as the RFC says, and no more than that", async () => {
    endpoint.script({ body: good });
    const client = { id: "c-1.x:1", secrets: [new Secret("s/&")] };
    await refresh(partsOf({ clientAuthentication: "basic" }, { client }));
    expect(endpoint.received[0]!.headers["authorization"]).toBe(`Basic ${Buffer.from("c-1.x%3A1:s%2F%26").toString("base64")}`);
  });

  test("is made again with the next secret after the first was refused, and with no third", async () => {
    const client = { id: "c", secrets: [new Secret("s1"), new Secret("s2")] };
    endpoint.script({ status: 401, body: { error: "invalid_client" } }, { body: good });
    expect((await refresh(partsOf({}, { client }))).kind).toBe("granted");
    expect(endpoint.received.map(({ body }) => fieldsOf(body)["client_secret"])).toEqual(["s1", "s2"]);
    endpoint.script({ status: 401, body: { error: "invalid_client" } });
    expect(await refresh(partsOf({}, { client }))).toMatchObject(refused("CLIENT_REFUSED"));
    expect(endpoint.received.length).toBe(2);
  });
});
