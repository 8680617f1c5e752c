import { generateKeyPairSync } from "node:crypto";
import { Secret } from "@belay/sdk";
import type { JwtBearer, OAuth2, Session, TokenAuth } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import type { Network } from "@belay/sdk/http";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTokenEndpoint } from "./__fixtures__/token-endpoint.ts";
import type { TokenEndpoint } from "./__fixtures__/token-endpoint.ts";
import { obtainGrant } from "./index.ts";

/* Tokens that need no user: a client for itself, a signed assertion, a login. */

let network: Network;
let endpoint: TokenEndpoint;
beforeAll(async () => {
  [network, endpoint] = [createNetwork(), await startTokenEndpoint()];
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

const secrets = (fields: Readonly<Record<string, string>>): Readonly<Record<string, Secret>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));

const obtain = (auth: TokenAuth, fields: Readonly<Record<string, string>>, client?: { id: string; secrets: Secret[] }) =>
  obtainGrant({ auth, dispatcher: network.private, clock: systemClock, ...(client && { client }) }, secrets(fields));

const form = (): URLSearchParams => new URLSearchParams(endpoint.received.at(-1)!.body);
const good = { access_token: "at", expires_in: 60 };

describe("a client for itself", () => {
  const auth = (): OAuth2 => ({
    kind: "oauth2",
    tokenUrl: endpoint.url,
    grants: ["client_credentials"],
    scopes: ["read", "write"],
    scopeSeparator: ",",
    accessTokenLifetime: "1h",
    clientAuthentication: "body",
  });

  test("is the tenant's own where the credential has one, and the configuration's where not", async () => {
    endpoint.script({ body: good });
    expect((await obtain(auth(), { clientId: "own", clientSecret: "o" })).kind).toBe("granted");
    expect(Object.fromEntries(form())).toEqual({
      client_id: "own",
      client_secret: "o",
      grant_type: "client_credentials",
      scope: "read,write",
    });
    await obtain(auth(), {}, { id: "ours", secrets: [new Secret("s")] });
    expect(form().get("client_id")).toBe("ours");
    await expect(obtain(auth(), {})).rejects.toMatchObject({ code: "OAUTH_FIELD_INVALID", details: { field: "clientId" } });
  });

  test("that is refused is for its owner to correct: the tenant, or whoever runs Belay", async () => {
    endpoint.script({ status: 401, body: { error: "invalid_client" } });
    expect(await obtain(auth(), { clientId: "own", clientSecret: "o" })).toMatchObject({ code: "OAUTH_CREDENTIAL_REFUSED" });
    expect(await obtain(auth(), {}, { id: "ours", secrets: [new Secret("s")] })).toMatchObject({ code: "OAUTH_CLIENT_REFUSED" });
  });
});

describe("an assertion", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const pem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const base = { kind: "jwtBearer", accessTokenLifetime: "1h" } as const;

  test("of a service account asks for its scopes in the claims, signed with the file's key", async () => {
    endpoint.script({ body: good });
    const auth: JwtBearer = { ...base, assertion: "serviceAccount", tokenUrl: endpoint.url, scopes: ["a", "b"] };
    const file = { client_email: "robot@p.example", private_key: pem, private_key_id: "k7", token_uri: "https://elsewhere.example/" };
    const outcome = await obtain(auth, { serviceAccount: JSON.stringify(file), subject: "ann@acme.example" });
    expect(outcome.kind).toBe("granted");
    expect(form().get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const assertion = form().get("assertion") ?? "";
    const { payload } = await jwtVerify(assertion, rsa.publicKey, { issuer: "robot@p.example", audience: endpoint.url });
    expect(payload).toMatchObject({ scope: "a b", sub: "ann@acme.example" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(180);
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: "RS256", typ: "JWT", kid: "k7" });
  });

  test("by a key asks in the request, also with a PEM whose line ends were lost, or of the older form", async () => {
    const auth: JwtBearer = {
      ...base,
      assertion: "privateKey",
      tokenUrl: endpoint.url,
      audience: "https://login.crm.example",
      subject: "client",
      scopes: ["api"],
    };
    const older = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    for (const privateKey of [pem, pem.replaceAll("\n", String.raw`\n`), older]) {
      endpoint.script({ body: good });
      expect((await obtain(auth, { clientId: "c1", privateKey })).kind).toBe("granted");
      const { payload } = await jwtVerify(form().get("assertion") ?? "", rsa.publicKey);
      expect(payload).toMatchObject({ iss: "c1", sub: "c1", aud: "https://login.crm.example" });
      expect([form().get("scope"), payload["scope"]]).toEqual(["api", undefined]);
    }
  });

  test("of SAML is shown as it is, encoded where it is not yet", async () => {
    endpoint.script({ body: good });
    const auth: JwtBearer = { ...base, assertion: "saml", tokenUrl: endpoint.url };
    for (const assertion of ["<saml:Assertion/>", Buffer.from("<saml:Assertion/>").toString("base64url")]) {
      await obtain(auth, { assertion });
      expect(form().get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:saml2-bearer");
      expect(Buffer.from(form().get("assertion") ?? "", "base64url").toString()).toBe("<saml:Assertion/>");
    }
  });

  test("that is refused is a refused credential: there is no consent to repeat", async () => {
    endpoint.script({ status: 400, body: { error: "invalid_grant" } });
    const auth: JwtBearer = { ...base, assertion: "saml", tokenUrl: endpoint.url };
    expect(await obtain(auth, { assertion: "x" })).toMatchObject({ kind: "refused", code: "OAUTH_CREDENTIAL_REFUSED" });
  });

  test.each([
    ["a key that is none", "privateKey", { clientId: "c", privateKey: "hunter2" }, "privateKey"],
    ["no client", "privateKey", { privateKey: pem }, "clientId"],
    ["a file that is no JSON", "serviceAccount", { serviceAccount: "hunter2" }, "serviceAccount"],
    ["a file without a key", "serviceAccount", { serviceAccount: '{"client_email":"hunter2"}' }, "serviceAccount"],
  ] as const)("with %s names the field, shows nothing of it, and sends nothing", async (_what, assertion, fields, field) => {
    endpoint.script({ body: good });
    const thrown: unknown = await obtain({ ...base, assertion, tokenUrl: endpoint.url }, fields).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "OAUTH_FIELD_INVALID", details: { field } });
    expect(String(thrown)).not.toContain("hunter2");
    expect(endpoint.received).toEqual([]);
  });

  test("with a key that does not fit the algorithm names the field", async () => {
    const auth: JwtBearer = { ...base, assertion: "privateKey", algorithm: "ES256", tokenUrl: endpoint.url };
    await expect(obtain(auth, { clientId: "c", privateKey: pem })).rejects.toMatchObject({ code: "OAUTH_FIELD_INVALID" });
  });
});

describe("a login", () => {
  const base = { kind: "session", accessTokenLifetime: "20m" } as const;
  const fields = { user: "ann", key: 'k"&1' };
  const tokenOf = async (auth: Session): Promise<string | undefined> => {
    const outcome = await obtain(auth, fields);
    return outcome.kind === "granted" ? outcome.grant.fields["accessToken"]?.reveal() : outcome.code;
  };

  test("sends the fields in JSON and reads the token where it is declared", async () => {
    endpoint.script({ body: { data: { token: "t-1", ttl: 5 } } });
    const answer = { accessToken: "data.token", expiresIn: "data.ttl" };
    const auth: Session = { ...base, tokenUrl: endpoint.url, login: { body: { name: "{user}", key: "{key}" } }, answer };
    expect(await tokenOf(auth)).toBe("t-1");
    expect(JSON.parse(endpoint.received[0]!.body)).toEqual({ name: "ann", key: 'k"&1' });
  });

  test("sends them as a form, in headers, in the query and by HTTP basic", async () => {
    endpoint.script({ body: { token: "t-2" } });
    const answer = { accessToken: "token" };
    await tokenOf({ ...base, tokenUrl: endpoint.url, login: { body: { key: "{key}" } }, tokenBody: "form", answer });
    expect(form().get("key")).toBe('k"&1');
    const login = { query: { u: "{user}" }, headers: { "X-Key": "{key}" }, basic: { username: "{user}", password: "x" } };
    await tokenOf({ ...base, tokenUrl: endpoint.url, method: "GET", login, answer });
    const { method, path, headers } = endpoint.received[1]!;
    expect([method, path, headers["x-key"]]).toEqual(["GET", "/token?u=ann", 'k"&1']);
    expect(headers["authorization"]).toBe(`Basic ${Buffer.from("ann:x").toString("base64")}`);
  });

  test("finds the token in a header or a cookie, also where the body is empty", async () => {
    const login = { headers: { "X-Key": "{key}" } };
    endpoint.script({ status: 204, headers: { "x-session": "t-3", "set-cookie": ["a=b; Path=/", "sid=t-4; HttpOnly"] } });
    expect(await tokenOf({ ...base, tokenUrl: endpoint.url, login, tokenIn: { header: "X-Session" } })).toBe("t-3");
    expect(await tokenOf({ ...base, tokenUrl: endpoint.url, login, tokenIn: { cookie: "sid" } })).toBe("t-4");
  });

  test("that is refused in the provider's own words is a refused credential, and a page before it is not", async () => {
    const auth: Session = { ...base, tokenUrl: endpoint.url, login: { body: { key: "{key}" } }, answer: { accessToken: "token" } };
    endpoint.script({ status: 403, body: { message: "bad key" } });
    expect(await tokenOf(auth)).toBe("OAUTH_CREDENTIAL_REFUSED");
    endpoint.script({ status: 403, headers: { "content-type": "text/html" }, body: "<html>" });
    expect(await tokenOf(auth)).toBe("OAUTH_ANSWER_UNEXPECTED");
  });
});
