import { createHash, createPublicKey, verify } from "node:crypto";
import type { OAuth2, TokenAuth } from "@belay/sdk";
import type { Answer } from "../answer.ts";
import type { Random } from "../random.ts";
import type { AccountRequest } from "../read-request.ts";
import { headerOf } from "../wire.ts";
import { opaque } from "./tokens.ts";
import type { IssuedTokens, TokenBook } from "./tokens.ts";

/** The client that the account's owner has registered. */
export interface RegisteredClient {
  readonly id: string;
  readonly secret: string;
}

interface Code {
  readonly redirectUri: string | undefined;
  readonly challenge: string | undefined;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

/** A code lives for a minute and is good for one use. @see RFC 6749, section 4.1.2 */
const codeLifetimeMs = 60_000;

export interface AuthorizationServerOptions {
  readonly auth: OAuth2;
  readonly client: RegisteredClient | undefined;
  readonly tokens: TokenBook;
  readonly random: Random;
  readonly now: () => number;
}

/** The provider's authorization and token endpoints; undefined for any other path. */
export type AuthorizationServer = (request: AccountRequest) => Answer | undefined;

/**
 * Serves the declared grants. The user agrees to everything at once: who asks for an authorization gets a code by redirect.
 *
 * @see RFC 6749, sections 4.1, 4.4, 5 and 6; RFC 7636
 */
export function authorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { auth } = options;
  const [tokenPath, authorizationPath] = endpointsOf(auth);
  const codes = new Map<string, Code>();
  return (request) => {
    if (request.pathname === tokenPath)
      return request.method === "POST" ? serveToken(options, codes, request) : refuse(405, "invalid_request");
    if (request.pathname === authorizationPath && request.method === "GET") return serveAuthorization(options, codes, request.query);
    return undefined;
  };
}

/** Where a provider that tells its endpoints only by discovery is taken to have them. */
const usual = { tokenUrl: "/oauth/token", authorizationUrl: "/oauth/authorize" };

/** The paths of the token endpoint and, where users are sent somewhere, of the authorization endpoint. */
export function endpointsOf(auth: TokenAuth): readonly string[] {
  const { tokenUrl = usual.tokenUrl } = auth;
  if (auth.kind !== "oauth2" || !auth.grants.includes("authorization_code")) return [pathOf(tokenUrl)];
  return [pathOf(tokenUrl), pathOf(auth.authorizationUrl ?? usual.authorizationUrl)];
}

/** The path below the account at which a URL of the provider is served. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, "") || "/";
}

function serveAuthorization(
  { auth, client, random, now }: AuthorizationServerOptions,
  codes: Map<string, Code>,
  query: URLSearchParams,
): Answer {
  const redirectUri = query.get("redirect_uri");
  // Without a client and a place to go back to there is nobody to redirect to.
  if (query.get(auth.clientIdParameter ?? "client_id") !== client?.id || redirectUri === null || !URL.canParse(redirectUri))
    return refuse(400, "invalid_request");
  const back = (parameters: Readonly<Record<string, string>>): Answer => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const state = query.get("state");
    if (state !== null) url.searchParams.set("state", state);
    return { status: 302, headers: { location: url.href }, body: undefined };
  };
  if (!auth.grants.includes("authorization_code")) return back({ error: "unauthorized_client" });
  if (query.get("response_type") !== "code") return back({ error: "unsupported_response_type" });
  const challenge = query.get("code_challenge") ?? undefined;
  if (challenge === undefined ? auth.pkce === true : query.get("code_challenge_method") !== "S256")
    return back({ error: "invalid_request" });
  const scopes = scopesOf(auth, query.get(auth.scopeParameter ?? "scope"));
  if (scopes === undefined) return back({ error: "invalid_scope" });
  const code = opaque("ac", random);
  codes.set(code, { redirectUri, challenge, scopes, expiresAt: now() + codeLifetimeMs });
  return back({ code });
}

function serveToken(options: AuthorizationServerOptions, codes: Map<string, Code>, request: AccountRequest): Answer {
  const { auth, tokens } = options;
  const form = formOf(auth, request.body);
  if (form === undefined) return refuse(400, "invalid_request");
  const viaBasic = headerOf(request.headers, "authorization") !== undefined;
  if (!provesClient(options, request, form)) {
    return refuse(401, "invalid_client", undefined, viaBasic ? { "www-authenticate": 'Basic realm="token endpoint"' } : {});
  }
  const grant = form.get("grant_type");
  if (grant === null) return refuse(400, "invalid_request");
  const declared = auth.grants.find((one) => one === grant);
  switch (declared) {
    case undefined:
      return refuse(400, "unsupported_grant_type");
    case "client_credentials": {
      const scopes = scopesOf(auth, form.get("scope"));
      return scopes === undefined ? refuse(400, "invalid_scope") : granted(tokens.issue(scopes, false));
    }
    case "authorization_code":
      return redeemCode(options, codes, form);
    case "refresh_token":
      return refresh(tokens, form);
  }
}

/** What was sent, whichever way the provider wants it written. */
function formOf({ tokenBody }: OAuth2, body: string): URLSearchParams | undefined {
  if (tokenBody !== "json") return new URLSearchParams(body);
  try {
    const sent: unknown = JSON.parse(body);
    return typeof sent === "object" && sent !== null ? new URLSearchParams(sent as Record<string, string>) : undefined;
  } catch {
    return undefined; // no JSON is a request as it must not be
  }
}

function redeemCode({ auth, tokens, now }: AuthorizationServerOptions, codes: Map<string, Code>, form: URLSearchParams): Answer {
  const text = form.get("code") ?? "";
  const code = codes.get(text);
  codes.delete(text);
  if (code === undefined || code.expiresAt <= now()) return refuse(400, "invalid_grant", "The code is wrong, expired or used.");
  if (form.get("redirect_uri") !== code.redirectUri) return refuse(400, "invalid_grant", "The redirect URI is another one.");
  const verifier = form.get("code_verifier");
  const challenge = verifier === null ? undefined : createHash("sha256").update(verifier).digest("base64url");
  if (challenge !== code.challenge) return refuse(400, "invalid_grant", "The code verifier does not fit.");
  return granted(tokens.issue(code.scopes, auth.grants.includes("refresh_token")));
}

function refresh(tokens: TokenBook, form: URLSearchParams): Answer {
  const text = form.get("refresh_token");
  if (text === null) return refuse(400, "invalid_request");
  const result = tokens.refresh(text, form.get("scope")?.split(" "));
  if (typeof result === "object") return granted(result);
  if (result === "scope-too-wide") return refuse(400, "invalid_scope");
  return refuse(400, "invalid_grant", `The refresh token is ${result}.`);
}

/** Only the declared way counts. @see RFC 6749, section 2.3.1, for the encoding inside Basic */
function provesClient({ auth, client }: AuthorizationServerOptions, request: AccountRequest, form: URLSearchParams): boolean {
  if (client === undefined) return false;
  const named = form.get(auth.clientIdParameter ?? "client_id") === client.id;
  if (auth.clientAuthentication === "none") return named;
  if (auth.clientAuthentication === "body") return named && form.get("client_secret") === client.secret;
  if (auth.clientAuthentication === "signed") return named && isSignedBy(client.secret, form.get("client_assertion") ?? "", client.id);
  const [scheme = "", encoded = ""] = (headerOf(request.headers, "authorization") ?? "").split(" ");
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString().split(":");
  return scheme.toLowerCase() === "basic" && formDecoded(id) === client.id && formDecoded(secret) === client.secret;
}

/** Whether a statement about the client was signed by its key; how long it holds is not looked at. @see RFC 7523, section 3 */
function isSignedBy(privateKey: string, statement: string, clientId: string): boolean {
  const [header = "", claims = "", signature = ""] = statement.split(".");
  const key = createPublicKey(privateKey);
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))) return false;
  return (JSON.parse(Buffer.from(claims, "base64url").toString()) as { readonly sub?: unknown }).sub === clientId;
}

function formDecoded(text: string): string | undefined {
  return new URLSearchParams(`value=${text}`).get("value") ?? undefined;
}

/** The scopes that are asked for; all declared ones where none are named; undefined when one is not declared. */
function scopesOf({ scopes: declared = [], scopeSeparator = " " }: OAuth2, text: string | null): readonly string[] | undefined {
  const asked = text?.split(scopeSeparator).filter((scope) => scope !== "") ?? [];
  if (asked.length === 0) return declared;
  return asked.every((scope) => declared.includes(scope)) ? asked : undefined;
}

const unstored = { "cache-control": "no-store", pragma: "no-cache" };

function granted({ accessToken, refreshToken, expiresInSeconds, scopes }: IssuedTokens): Answer {
  const body = {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
  };
  return { status: 200, headers: unstored, body };
}

/** @see RFC 6749, section 5.2 */
function refuse(status: number, error: string, description?: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { ...unstored, ...headers },
    body: { error, ...(description !== undefined && { error_description: description }) },
  };
}
