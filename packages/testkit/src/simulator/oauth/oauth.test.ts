import { Secret, defineConnector } from "@belay/sdk";
import type { Auth } from "@belay/sdk";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock } from "../__fixtures__/drive.ts";
import { simulate } from "../index.ts";
import type { Simulator, SimulatorOptions } from "../index.ts";

const auth = {
  kind: "oauth2",
  tokenUrl: "https://login.desk.example/oauth/token",
  authorizationUrl: "https://login.desk.example/oauth/authorize",
  grants: ["authorization_code", "refresh_token", "client_credentials"],
  scopes: ["tickets.read", "tickets.write"],
  accessTokenLifetime: "1h",
  refreshToken: { rotates: true, lifetime: "30d" },
  clientAuthentication: "basic",
  pkce: true,
} as const satisfies Auth;

const desk = (changes: Partial<typeof auth> | { clientAuthentication: "body" } = {}) =>
  defineConnector({
    id: "desk",
    title: "Desk",
    baseUrl: "https://desk.example",
    auth: { ...auth, ...changes },
    resources: {
      ticket: {
        path: "/tickets",
        id: "id",
        schema: z.object({ id: z.number(), subject: z.string() }),
        scopes: { read: ["tickets.read"], write: ["tickets.write"] },
        create: { input: z.object({ subject: z.string() }), safety: { kind: "natural" } },
        get: {},
      },
    },
  });

const registered = { clientId: new Secret("client 1"), clientSecret: new Secret("s3cret:%&") };
const client: oauth.Client = { client_id: "client 1" };
const redirectUri = "https://app.example/callback";

async function start(options: Partial<SimulatorOptions> = {}, connector = desk()): Promise<Simulator> {
  return simulate(connector, { accounts: { acme: registered }, listen: false, clock: steppingClock(), ...options });
}

/** The server as oauth4webapi knows it, and the way to it. */
function serverOf(simulator: Simulator) {
  // In process every origin leads to the simulator, so this one may be as a client wants it.
  const issuer = simulator.url("acme").replace("http:", "https:");
  const server: oauth.AuthorizationServer = {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
  };
  const reach = { [oauth.customFetch]: simulator.fetch } as const;
  return { server, reach };
}

async function authorize(simulator: Simulator, scope: string, verifiers: { verifier?: string; sent?: string } = {}) {
  const { verifier = oauth.generateRandomCodeVerifier() } = verifiers;
  const { sent = verifier } = verifiers;
  const { server, reach } = serverOf(simulator);
  const url = new URL(server.authorization_endpoint ?? "");
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope,
    state: "state-1",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }))
    url.searchParams.set(name, value);
  const redirect = await simulator.fetch(url);
  expect(redirect.status).toBe(302);
  const parameters = oauth.validateAuthResponse(server, client, new URL(redirect.headers.get("location") ?? ""), "state-1");
  const secret = oauth.ClientSecretBasic(registered.clientSecret.reveal());
  const redeem = () => oauth.authorizationCodeGrantRequest(server, client, secret, parameters, redirectUri, sent, reach);
  return { redeem, result: async () => oauth.processAuthorizationCodeResponse(server, client, await redeem()) };
}

async function refresh(simulator: Simulator, token: string) {
  const { server, reach } = serverOf(simulator);
  const secret = oauth.ClientSecretBasic(registered.clientSecret.reveal());
  return oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, secret, token, reach));
}

const read = (simulator: Simulator, token?: string, method = "GET") =>
  simulator.fetch(`${simulator.url("acme")}/tickets${method === "GET" ? "/1" : ""}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(method === "POST" && { body: '{"subject":"s"}' }),
  });

describe("a client that nobody here wrote", () => {
  test("gets tokens by code and PKCE, reads with them, and renews them when they have expired", async () => {
    const clock = steppingClock();
    const simulator = await start({ clock });
    const tokens = await (await authorize(simulator, "tickets.read")).result();
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3_600, scope: "tickets.read" });
    expect((await read(simulator, tokens.access_token)).status).toBe(404);
    clock.advance(3_600_000);
    const expired = await read(simulator, tokens.access_token);
    expect([expired.status, expired.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
    const renewed = await refresh(simulator, tokens.refresh_token ?? "");
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await read(simulator, renewed.access_token)).status).toBe(404);
  });

  test("gets a token for itself, and none under a wrong secret", async () => {
    const simulator = await start();
    const { server, reach } = serverOf(simulator);
    const request = (secret: string) =>
      oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(secret), { scope: "tickets.write" }, reach);
    const tokens = await oauth.processClientCredentialsResponse(server, client, await request(registered.clientSecret.reveal()));
    expect(tokens.refresh_token).toBeUndefined();
    expect((await read(simulator, tokens.access_token, "POST")).status).toBe(201);
    const refused = request("wrong").then((response) => oauth.processClientCredentialsResponse(server, client, response));
    await expect(refused).rejects.toMatchObject({ status: 401 });
  });

  test("proves itself in the body where the provider wants it there", async () => {
    const simulator = await start({}, desk({ clientAuthentication: "body" }));
    const { server, reach } = serverOf(simulator);
    const secret = registered.clientSecret.reveal();
    const post = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost(secret), {}, reach);
    expect(post.status).toBe(200);
    const basic = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic(secret), {}, reach);
    expect([basic.status, await basic.json()]).toMatchObject([401, { error: "invalid_client" }]);
  });

  test("is refused a code with another verifier, or a second time", async () => {
    const simulator = await start();
    const stolen = await authorize(simulator, "tickets.read", { sent: oauth.generateRandomCodeVerifier() });
    await expect(stolen.result()).rejects.toMatchObject({ error: "invalid_grant", status: 400 });
    const honest = await authorize(simulator, "tickets.read");
    await honest.result();
    await expect(honest.result()).rejects.toMatchObject({ error: "invalid_grant" });
  });
});

test("a refresh token that is used twice ends every token of its consent", async () => {
  const simulator = await start();
  const first = await (await authorize(simulator, "tickets.read")).result();
  const second = await refresh(simulator, first.refresh_token ?? "");
  await expect(refresh(simulator, first.refresh_token ?? "")).rejects.toMatchObject({ error: "invalid_grant" });
  await expect(refresh(simulator, second.refresh_token ?? "")).rejects.toMatchObject({ error: "invalid_grant" });
  expect((await read(simulator, second.access_token)).status).toBe(401);
});

test("a renewal that is left without an answer has spent the token, as at a real provider", async () => {
  const simulator = await start({ faults: [{ path: "/oauth/token", after: 1, times: 1, fault: { kind: "reset-after-commit" } }] });
  const tokens = await (await authorize(simulator, "tickets.read")).result();
  await expect(refresh(simulator, tokens.refresh_token ?? "")).rejects.toThrow("dropped");
  await expect(refresh(simulator, tokens.refresh_token ?? "")).rejects.toMatchObject({ error: "invalid_grant" });
});

test("scopes, missing tokens and revoked ones are told apart as RFC 6750 says", async () => {
  const simulator = await start();
  const { accessToken } = simulator.tokens("acme").issue(["tickets.read"], false);
  const answers = [await read(simulator), await read(simulator, accessToken, "POST")];
  simulator.tokens("acme").revoke(accessToken);
  answers.push(await read(simulator, accessToken));
  expect(answers.map(({ status, headers }) => [status, headers.get("www-authenticate")])).toEqual([
    [401, 'Bearer realm="api"'],
    [403, 'Bearer realm="api", error="insufficient_scope", scope="tickets.write"'],
    [401, 'Bearer realm="api", error="invalid_token", error_description="The access token is revoked"'],
  ]);
});

test("the typed client sends the connection's access token", async () => {
  const simulator = await start({ accounts: { acme: { accessToken: new Secret("t-1") } } });
  expect(await drive(desk(), simulator).ticket.create({ subject: "Hello" })).toMatchObject({ subject: "Hello" });
});

test("tokens are the same for the same seed, and none is in the history", async () => {
  const run = async (seed: number) => {
    const simulator = await start({ seed });
    const tokens = await (await authorize(simulator, "tickets.read", { verifier: "v".repeat(43) })).result();
    const renewed = await refresh(simulator, tokens.refresh_token ?? "");
    const told = JSON.stringify(simulator.history());
    const secrets = [tokens.access_token, tokens.refresh_token, renewed.access_token, renewed.refresh_token, "v".repeat(43)];
    expect(secrets.filter((secret) => secret === undefined || told.includes(secret))).toEqual([]);
    return renewed.access_token;
  };
  expect(await run(5)).toBe(await run(5));
  expect(await run(6)).not.toBe(await run(5));
});

test("what does not fit together is refused when it is declared or opened", async () => {
  expect(() => defineConnector({ ...desk(), auth: { ...auth, scopes: [] } })).toThrow("auth.scopes");
  expect(() => defineConnector({ ...desk(), auth: { ...auth, tokenUrl: "login.example/token" } })).toThrow("auth.tokenUrl");
  const { authorizationUrl: _left, ...rest } = auth;
  expect(() => defineConnector({ ...desk(), auth: rest })).toThrow("auth.authorizationUrl");
  await expect(start({ accounts: { acme: {} } })).rejects.toThrow('"accessToken"');
});
