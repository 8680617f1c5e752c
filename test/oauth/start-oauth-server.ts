/**
 * A real authorization server on loopback, made by others (oidc-provider): authorization code with PKCE, client credentials, refresh tokens with rotation and
 * reuse detection, pushed requests, revocation, discovery. Its users agree by themselves, and what it knows can be read.
 *
 * ```ts
 * await using server = await startOAuthServer({ rotation: true });
 * const tokens = await server.consent();                 // a grant without a browser
 * const callback = await server.agree(authorizationUrl); // or the whole dance
 * server.ledger.refreshes();
 * ```
 *
 * @module
 */
import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "@belay/sdk";
import type { OAuth2 } from "@belay/sdk";
import { Provider } from "oidc-provider";
import type { Context, Grant } from "oidc-provider";
import { keepLedger } from "./ledger.ts";
import type { Ledger } from "./ledger.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import type { Memory } from "./memory-adapter.ts";
import { walk } from "./walk.ts";

/** What befalls a request at the token endpoint; `cut` ends the connection without an answer. */
export type TokenFault =
  | "answer"
  | "cut"
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

/** A request at the token endpoint, as a fault is decided on it. */
export interface TokenRequest {
  readonly grantType: string;
  /** Counts the requests at the token endpoint, from 1. */
  readonly sequence: number;
}

export interface OAuthServerOptions {
  /** Whether a refresh token is good for one use; using it again ends the grant. Default true. */
  readonly rotation?: boolean;
  /** Default 3,600. */
  readonly accessTokenSeconds?: number;
  /** Default 14 days. */
  readonly refreshTokenSeconds?: number;
  /** What can be granted besides `openid` and `offline_access`. Default `contacts.read` and `contacts.write`. */
  readonly scopes?: readonly string[];
  /** Where users may be sent back to. Default `http://127.0.0.1/callback`, which nobody serves. */
  readonly redirectUris?: readonly string[];
  /** How the client proves itself. Default `basic`. */
  readonly clientAuthentication?: OAuth2["clientAuthentication"];
  /** Whether an authorization must be pushed first. Default false: it may. */
  readonly requirePushed?: boolean;
  /** Asked before the server looks at a token request: what it decides in place of the server uses nothing up. */
  readonly beforeToken?: (request: TokenRequest) => TokenFault | Promise<TokenFault>;
  /** Asked after the server has judged, before its answer leaves: an answer that is held back or cut was a grant all the same. */
  readonly afterToken?: (request: TokenRequest) => TokenFault | Promise<TokenFault>;
  /** 0: any free one. */
  readonly port?: number;
}

export interface OAuthServer extends AsyncDisposable {
  /** `http://127.0.0.1:4711`. */
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secrets: readonly [Secret] };
  /** The auth that a connector of this provider declares, with absolute addresses. */
  readonly auth: OAuth2;
  readonly ledger: Ledger;
  /** Walks through the authorization as a browser would, and gives the address to which the user is sent back. */
  agree(authorizationUrl: string): Promise<string>;
  /** How the user decides from now on: which scopes, or none of it. Default: to everything. */
  decide(by: (scopes: readonly string[]) => readonly string[] | "deny"): void;
  /** A grant as if its user had agreed a moment ago. */
  consent(options?: { readonly scopes?: readonly string[] }): Promise<Consent>;
  /** Ends a grant, as its user or an administrator would at the provider. */
  revoke(grantId: string): Promise<void>;
  /** The client's secret from now on. */
  changeSecret(secret: string): void;
  close(): Promise<void>;
}

export interface Consent {
  readonly grantId: string;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

const account = "user-1";
const clientId = "belay-test";

/** Starts the server; dispose it, or `close()` it. `GET /api/…` answers 200 to access tokens that hold, and 401 to others. */
export async function startOAuthServer(options: OAuthServerOptions = {}): Promise<OAuthServer> {
  const { scopes = ["contacts.read", "contacts.write"], clientAuthentication = "basic" } = options;
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const memory: Memory = new Map();
  const secret = clientAuthentication === "signed" ? newKey() : `secret-${randomUUID()}`;
  const writeClient = (clientSecret: string): void => void memory.set(`Client:${clientId}`, clientOf(options, clientSecret));
  writeClient(secret);
  const provider = new Provider(issuer, configure(options, scopes, memory));
  const ledger = keepLedger(provider);
  let decision = (asked: readonly string[]): readonly string[] | "deny" => asked;
  provider.use(faults(options));
  provider.use(interactions(provider, () => decision));
  provider.use(guardedApi(provider));
  http.on("request", provider.callback());
  const known = ["openid", "offline_access", ...scopes];

  const close = async (): Promise<void> => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  return {
    issuer,
    client: { id: clientId, secrets: [new Secret(secret)] },
    auth: {
      kind: "oauth2",
      issuer,
      tokenUrl: `${issuer}/token`,
      authorizationUrl: `${issuer}/auth`,
      pushedAuthorizationUrl: `${issuer}/request`,
      revocationUrl: `${issuer}/token/revocation`,
      grants: ["authorization_code", "refresh_token", "client_credentials"],
      scopes: known,
      accessTokenLifetime: "1h",
      refreshToken: { rotates: options.rotation ?? true },
      clientAuthentication,
      account: { id: "id_token.sub" },
      // Without it this provider leaves offline_access out. @see OpenID Connect Core, section 11
      authorizationParameters: { prompt: "consent" },
    },
    ledger,
    agree: (url) => walk(url, issuer),
    decide: (by) => void (decision = by),
    consent: async ({ scopes: granted = known } = {}) => issueTokens(provider, granted),
    async revoke(grantId) {
      for (const kind of ["AccessToken", "RefreshToken", "AuthorizationCode"]) await memoryAdapter(memory, kind).revokeByGrantId(grantId);
      await memoryAdapter(memory, "Grant").destroy(grantId);
      ledger.revoked.add(grantId);
    },
    changeSecret: writeClient,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What proves a client whose `clientAuthentication` is `signed`: a new private key, in PEM. */
export function newKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function clientOf(
  { clientAuthentication = "basic", redirectUris = ["http://127.0.0.1/callback"], requirePushed }: OAuthServerOptions,
  secret: string,
) {
  const method = { basic: "client_secret_basic", body: "client_secret_post", signed: "private_key_jwt", none: "none" }[
    clientAuthentication
  ];
  return {
    client_id: clientId,
    ...(clientAuthentication === "signed" && { jwks: { keys: [createPublicKey(secret).export({ format: "jwk" })] } }),
    ...((clientAuthentication === "basic" || clientAuthentication === "body") && { client_secret: secret }),
    token_endpoint_auth_method: method,
    redirect_uris: redirectUris,
    grant_types: ["authorization_code", "refresh_token", ...(method === "none" ? [] : ["client_credentials"])],
    response_types: ["code"],
    id_token_signed_response_alg: "ES256",
    ...(requirePushed === true && { require_pushed_authorization_requests: true }),
  };
}

function configure(options: OAuthServerOptions, scopes: readonly string[], memory: Memory): Readonly<Record<string, unknown>> {
  const { rotation = true, accessTokenSeconds = 3_600, refreshTokenSeconds = 14 * 24 * 3_600 } = options;
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  return {
    adapter: (kind: string) => memoryAdapter(memory, kind),
    jwks: { keys: [{ ...key, alg: "ES256", use: "sig", kid: "k1" }] },
    cookies: { keys: [randomUUID()] },
    scopes: ["openid", "offline_access", ...scopes],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    rotateRefreshToken: rotation,
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    findAccount: async (_context: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      RefreshToken: refreshTokenSeconds,
      AuthorizationCode: 60,
      Grant: refreshTokenSeconds,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 3_600,
    },
  };
}

function faults({ beforeToken, afterToken }: OAuthServerOptions) {
  let sequence = 0;
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (context.path !== "/token") return next();
    sequence += 1;
    const own = sequence;
    // The form is read further in; before that only the sequence is known.
    if (befall(context, await beforeToken?.({ grantType: "", sequence: own }))) return undefined;
    await next();
    befall(context, await afterToken?.({ grantType: context.oidc?.params?.["grant_type"] ?? "", sequence: own }));
    return undefined;
  };
}

function befall(context: Context, fault: TokenFault = "answer"): boolean {
  if (fault === "answer") return false;
  if (fault === "cut") context.req.socket.destroy();
  else {
    context.status = fault.status;
    for (const [name, value] of Object.entries(fault.headers ?? {})) context.res.setHeader(name, value);
    context.body = fault.body;
  }
  return true;
}

/** Logs the user in and lets them decide, without a page. */
function interactions(provider: Provider, decision: () => (scopes: readonly string[]) => readonly string[] | "deny") {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (!context.path.startsWith("/interaction/")) return next();
    const { params } = await provider.interactionDetails(context.req, context.res);
    const asked = params["scope"]?.split(" ") ?? [];
    const agreed = decision()(asked);
    const denied = { error: "access_denied", error_description: "The user said no." };
    const result =
      agreed === "deny" ? denied : { login: { accountId: account }, consent: { grantId: await grantOf(provider, asked, agreed).save() } };
    context.redirect(await provider.interactionResult(context.req, context.res, result));
    return undefined;
  };
}

function grantOf(provider: Provider, asked: readonly string[], agreed: readonly string[]): Grant {
  const grant = new provider.Grant({ accountId: account, clientId });
  grant.addOIDCScope(agreed.join(" "));
  const rest = asked.filter((scope) => !agreed.includes(scope));
  if (rest.length > 0) grant.rejectOIDCScope(rest.join(" "));
  return grant;
}

async function issueTokens(provider: Provider, scopes: readonly string[]): Promise<Consent> {
  const grantId = await grantOf(provider, scopes, scopes).save();
  const common = {
    client: await provider.Client.find(clientId),
    accountId: account,
    grantId,
    scope: scopes.join(" "),
    gty: "authorization_code",
    expiresWithSession: false,
  };
  const accessToken = await new provider.AccessToken(common).save();
  const refreshToken = await new provider.RefreshToken({ ...common, rotations: 0, iiat: Math.floor(Date.now() / 1_000) }).save();
  return { grantId, accessToken: new Secret(accessToken), refreshToken: new Secret(refreshToken) };
}

function guardedApi(provider: Provider) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (!context.path.startsWith("/api/")) return next();
    const token = await provider.AccessToken.find(context.get("authorization").replace(/^Bearer /i, ""));
    context.status = token === undefined || token.isExpired ? 401 : 200;
    context.body = context.status === 200 ? { scope: token?.scope } : { error: "invalid_token" };
    return undefined;
  };
}
