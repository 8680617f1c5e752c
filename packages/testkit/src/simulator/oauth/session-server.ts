import { fieldsIn, fill } from "@belay/sdk";
import type { JwtBearer, Session } from "@belay/sdk";
import type { Answer } from "../answer.ts";
import type { AccountRequest } from "../read-request.ts";
import { setAt } from "../set-at.ts";
import { headerOf } from "../wire.ts";
import { pathOf } from "./authorization-server.ts";
import type { AuthorizationServer } from "./authorization-server.ts";
import type { IssuedTokens, TokenBook } from "./tokens.ts";

export interface SessionServerOptions {
  readonly auth: Session | JwtBearer;
  readonly credential: Readonly<Record<string, { reveal(): string }>>;
  readonly tokens: TokenBook;
}

/**
 * Gives out a token for the fields of the account's credential: what a login sends must hold them all. Of a signed assertion it is only asked
 * that there is one; a signature is for the real provider to judge.
 */
export function sessionServer(options: SessionServerOptions): AuthorizationServer {
  const { auth } = options;
  const path = pathOf(auth.tokenUrl);
  return (request) => {
    if (request.pathname !== path) return undefined;
    const known = auth.kind === "session" ? logsIn(auth, options.credential, request) : bringsAssertion(auth, options.credential, request);
    if (!known) return { status: 401, headers: {}, body: { error: auth.kind === "session" ? "unauthorized" : "invalid_grant" } };
    return granted(auth, options.tokens.issue(auth.kind === "jwtBearer" ? (auth.scopes ?? []) : [], false));
  };
}

function logsIn({ login, method = "POST" }: Session, credential: SessionServerOptions["credential"], request: AccountRequest): boolean {
  if (request.method !== method) return false;
  const valueOf = (name: string): string => credential[name]?.reveal() ?? "";
  const { headers = {}, query = {}, body = {}, basic } = login;
  const pair = basic && `${fill(basic.username, valueOf)}:${fill(basic.password, valueOf)}`;
  return (
    Object.entries(headers).every(([name, text]) => headerOf(request.headers, name.toLowerCase()) === fill(text, valueOf)) &&
    Object.entries(query).every(([name, text]) => request.query.get(name) === fill(text, valueOf)) &&
    (pair === undefined || headerOf(request.headers, "authorization") === `Basic ${Buffer.from(pair).toString("base64")}`) &&
    // In a form and in JSON alike, a value of the credential stands as it is, or encoded.
    Object.values(body).every((text) => fieldsIn(text).every((name) => holds(request.body, valueOf(name))))
  );
}

function holds(body: string, value: string): boolean {
  const written = [JSON.stringify(value).slice(1, -1), new URLSearchParams({ value }).toString().slice("value=".length)];
  return written.some((text) => body.includes(text));
}

function bringsAssertion(
  { assertion }: JwtBearer,
  credential: SessionServerOptions["credential"],
  { method, body }: AccountRequest,
): boolean {
  const form = new URLSearchParams(body);
  const kind = assertion === "saml" ? "saml2" : "jwt";
  const given = form.get("assertion") ?? "";
  if (method !== "POST" || form.get("grant_type") !== `urn:ietf:params:oauth:grant-type:${kind}-bearer`) return false;
  return assertion === "saml" ? given === credential["assertion"]?.reveal() : given.split(".").length === 3;
}

function granted(auth: Session | JwtBearer, { accessToken, expiresInSeconds }: IssuedTokens): Answer {
  const { answer = {} } = auth;
  const tokenIn = auth.kind === "session" ? auth.tokenIn : undefined;
  const body: Record<string, unknown> = auth.kind === "jwtBearer" ? { token_type: "Bearer" } : {};
  setAt(body, answer.expiresIn ?? "expires_in", expiresInSeconds);
  if (tokenIn === undefined) setAt(body, answer.accessToken ?? "access_token", accessToken);
  const headers: Record<string, string> =
    tokenIn === undefined
      ? {}
      : "header" in tokenIn
        ? { [tokenIn.header.toLowerCase()]: accessToken }
        : { "set-cookie": `${tokenIn.cookie}=${accessToken}; Path=/; HttpOnly` };
  return { status: 200, headers: { "cache-control": "no-store", ...headers }, body };
}
