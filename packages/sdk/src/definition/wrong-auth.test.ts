import { expect, test } from "vitest";
import { connectorWith } from "./__fixtures__/definitions.ts";

/* What is said to a wrong `auth`: word for word. The rest of what is said is in wrong-definitions.test.ts. */

const oauth2 = {
  kind: "oauth2",
  tokenUrl: "/token",
  authorizationUrl: "/authorize",
  grants: ["authorization_code"],
  scopes: ["a", "b"],
  accessTokenLifetime: "1h",
  clientAuthentication: "basic",
};
const session = {
  kind: "session",
  tokenUrl: "/login",
  login: { body: { key: "{apiKey}" } },
  answer: { accessToken: "token" },
  accessTokenLifetime: "20m",
};

const wrong: readonly (readonly [object, string, string])[] = [
  [{ kind: "baerer" }, "auth.kind", 'found "baerer". Did you mean "bearer"?'],
  [{ kind: "apiKey" }, "auth.header", "found nothing. Name the header that carries the key, or the query parameter in auth.query."],
  [{ kind: "apiKey", header: "X-Key", query: "key" }, "auth.query", 'found "key". The key goes into one place: leave out header or query.'],
  [{ kind: "apiKey", query: "key", prefix: "Token " }, "auth.prefix", 'found "Token ". Only a header has one; leave it out.'],
  [
    { kind: "basic", username: "ann", password: "x" },
    "auth.username",
    "found no field of the credential. Name at least one in braces in username or password, such as {apiKey}.",
  ],
  [
    { kind: "headers", headers: { "X-Key": "apiKey" } },
    "auth.headers",
    "found no field of the credential. Name at least one in braces in one of the headers, such as {apiKey}.",
  ],
  [
    { ...oauth2, tokenUrl: undefined },
    "auth.tokenUrl",
    "found nothing. Say where tokens are given out, or name the issuer, which tells it.",
  ],
  [
    { ...oauth2, tokenUrl: "https://{regoin}.crm.example/token" },
    "auth.tokenUrl",
    'found {regoin}. The base URL has no such placeholder. Did you mean "region"?',
  ],
  [{ ...oauth2, grants: [] }, "auth.grants", "found an empty list. Name at least one grant: authorization_code or client_credentials."],
  [
    { ...oauth2, authorizationUrl: undefined },
    "auth.authorizationUrl",
    "found nothing. The grant authorization_code needs it: where users are sent to agree.",
  ],
  [
    { ...oauth2, refreshToken: { rotates: true } },
    "auth.refreshToken",
    "found a refresh token. None of the grants is refresh_token: add it, or leave this out.",
  ],
  [
    { ...oauth2, clientAuthentication: "none", pkce: "refused" },
    "auth.pkce",
    'found "refused". Without it a public client proves itself by nothing; it needs PKCE.',
  ],
  [
    { ...oauth2, clientAuthentication: "none", grants: ["client_credentials"] },
    "auth.clientAuthentication",
    'found "none". The grant client_credentials is for clients that prove who they are: basic, body or signed.',
  ],
  [{ ...oauth2, optionalScopes: ["c"] }, "auth.optionalScopes", 'found "c". It must be one of auth.scopes.'],
  [{ ...oauth2, scopes: ["a b"] }, "auth.scopes", 'found "a b". It has the separator of scopes in it: write each by itself.'],
  [
    { ...oauth2, tokenParameters: { grant_type: "x" } },
    "auth.tokenParameters.grant_type",
    "found a parameter that Belay sets. Leave it out.",
  ],
  [
    { ...oauth2, refusals: { rows: [{ code: "bad", means: "grantRevokd" }] } },
    "auth.refusals.rows.0.means",
    'found "grantRevokd". Did you mean "grantRevoked"?',
  ],
  [
    { ...oauth2, accessTokenLifetime: "never" },
    "auth.accessTokenLifetime",
    'found "never". Write a number and a unit, such as "10s" or "2h".',
  ],
  [
    { ...oauth2, sends: { header: "X-Token", query: "token" } },
    "auth.sends",
    'found not one place. Name one: { header: "X-Token" } or { query: "access_token" }.',
  ],
  [
    { kind: "jwtBearer", assertion: "privateKey", accessTokenLifetime: "1h" },
    "auth.tokenUrl",
    "found nothing. Start with https:// or with a slash.",
  ],
  [
    { kind: "jwtBearer", assertion: "saml", tokenUrl: "/token", algorithm: "RS256", accessTokenLifetime: "1h" },
    "auth.algorithm",
    'found "RS256". A SAML assertion comes signed; leave it out.',
  ],
  [
    { kind: "jwtBearer", assertion: "saml", tokenUrl: "/token", scopesIn: "claim", accessTokenLifetime: "1h" },
    "auth.scopesIn",
    'found "claim". A SAML assertion is as it is: ask for scopes by "parameter".',
  ],
  [
    { ...session, login: {} },
    "auth.login",
    "found no field of the credential. Name at least one in braces in what is sent, such as {apiKey}.",
  ],
  [{ ...session, method: "GET" }, "auth.login.body", "found a body. A GET has none: put it into query or headers, or change auth.method."],
  [
    { ...session, answer: undefined },
    "auth.answer.accessToken",
    "found nothing. Say where the answer holds the token, such as data.token, or name auth.tokenIn.",
  ],
  [
    { ...session, tokenIn: { cookie: "sid" } },
    "auth.answer.accessToken",
    'found "token". The token is in auth.tokenIn already; leave one of them out.',
  ],
  [
    { ...session, tokenIn: { cookie: "sid", header: "X-Token" } },
    "auth.tokenIn",
    "found not one place. Name one header or one cookie; a token in the body is at answer.accessToken.",
  ],
  [{ kind: "bearer", fields: { tokn: {} } }, "auth.fields.tokn", 'found a field that the credential does not have. Did you mean "token"?'],
  [
    { kind: "bearer", fields: { token: { pattern: "[a-" } } },
    "auth.fields.token.pattern",
    'found "[a-". It is no regular expression; mind brackets and backslashes.',
  ],
];

test.each(wrong.map(([auth, field, text]) => ({ auth, field, text })))("$field: $text", ({ auth, field, text }) => {
  expect(connectorWith({ auth })).toThrow(`Connector "crm", ${field}: ${text} (`);
});

test("the definitions that they spoil are right", () => {
  for (const auth of [oauth2, session]) expect(connectorWith({ auth })).not.toThrow();
});
