/**
 * A small client of the Model Context Protocol: it finds the authorization server, registers, and gets and uses a token by Belay's OAuth slice. Others judge it:
 *
 *     npx @modelcontextprotocol/conformance@0.1.16 client --suite auth --command "node test/oauth/conformance/client.ts"
 *
 * Its 21 scenarios of authorization (14 of them in that suite, the others by `--scenario`) pass. The scenario is in the environment, the server's address is the last argument.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization
 * @module
 */
import { Secret } from "@belay/sdk";
import type { OAuth2, OAuthClient } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import { beginAuthorization, exchangeCode, obtainGrant } from "../../../packages/server/src/oauth/index.ts";
import { findServer } from "./find-server.ts";
import type { Found } from "./find-server.ts";

const redirectUri = "http://localhost:3000/callback";
/** Where a server that takes them can read what a client says of itself; the suite knows this one. */
const metadataDocument = "https://conformance-test.local/client-metadata.json";

interface Given {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
}

const serverUrl = process.argv.at(-1) ?? "";
const given = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as Given;
const withoutUser = (process.env["MCP_CONFORMANCE_SCENARIO"] ?? "").includes("client-credentials");
await using network = createNetwork();

let token: string | undefined;
let session: string | undefined;
const scopesSoFar = new Set<string>();

async function post(message: object): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(session !== undefined && { "mcp-session-id": session }),
  };
  return await fetch(serverUrl, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
}

/** Sends a message, and authorizes when that is asked for: more than twice in a row helps nobody. */
async function send(message: object): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await post(message);
    session ??= answer.headers.get("mcp-session-id") ?? undefined;
    if (answer.status !== 401 && answer.status !== 403) {
      await answer.body?.cancel();
      return;
    }
    if (attempt === 2) throw new Error(`The server still answers ${answer.status}.`);
    token = await authorize(answer.headers.get("www-authenticate") ?? "");
  }
}

async function authorize(challenge: string): Promise<string> {
  const found = await findServer(serverUrl, challenge);
  for (const scope of found.scopes) scopesSoFar.add(scope);
  const scopes = [...scopesSoFar];
  const { client, method } = await clientAt(found);
  const auth: OAuth2 = {
    kind: "oauth2",
    ...(found.issuer !== undefined && { issuer: found.issuer }),
    authorizationUrl: found.authorizationUrl,
    tokenUrl: found.tokenUrl,
    grants: withoutUser ? ["client_credentials"] : ["authorization_code", "refresh_token"],
    ...(scopes.length > 0 && { scopes }),
    accessTokenLifetime: "1h",
    clientAuthentication: method,
    authorizationParameters: { resource: found.resource },
    tokenParameters: { resource: found.resource },
  };
  const parts = { auth, client, dispatcher: network.private, clock: systemClock };
  if (withoutUser) return tokenOf(await obtainGrant(parts, {}));
  const state = crypto.randomUUID();
  const { url, codeVerifier } = await beginAuthorization(parts, { redirectUri, state, scopes });
  const callbackUrl = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
  return tokenOf(await exchangeCode(parts, { callbackUrl, redirectUri, state, codeVerifier, scopes }));
}

function tokenOf(outcome: Awaited<ReturnType<typeof obtainGrant>>): string {
  if (outcome.kind !== "granted") throw new Error(`${outcome.kind}: ${outcome.code}. ${outcome.detail}`);
  return outcome.grant.fields["accessToken"]?.reveal() ?? "";
}

interface Client {
  readonly client: OAuthClient;
  readonly method: OAuth2["clientAuthentication"];
}

let registered: Client | undefined;

/** The client that was given, the document that describes us, or one that is registered now. */
async function clientAt(found: Found): Promise<Client> {
  if (given.client_id !== undefined) {
    const secret = given.client_secret ?? given.private_key_pem;
    const secrets = secret === undefined ? [] : [new Secret(secret)];
    return { client: { id: given.client_id, secrets }, method: secrets.length === 0 ? "none" : (found.method ?? "basic") };
  }
  if (found.takesDocuments) return { client: { id: metadataDocument, secrets: [] }, method: "none" };
  return (registered ??= await register(found));
}

async function register({ registrationUrl, method = "none" }: Found): Promise<Client> {
  const names = { basic: "client_secret_basic", body: "client_secret_post", signed: "private_key_jwt", none: "none" };
  const answer = await fetch(registrationUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "belay-conformance",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: names[method],
    }),
  });
  const { client_id: id, client_secret: secret } = (await answer.json()) as Given;
  if (id === undefined) throw new Error(`The registration was answered by ${answer.status}.`);
  return { client: { id, secrets: secret === undefined ? [] : [new Secret(secret)] }, method: secret === undefined ? "none" : method };
}

const clientInfo = { name: "belay-conformance", version: "1.0.0" };
await send({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } });
await send({ method: "notifications/initialized" });
await send({ id: 2, method: "tools/list", params: {} });
await send({ id: 3, method: "tools/call", params: { name: "test-tool", arguments: {} } });
