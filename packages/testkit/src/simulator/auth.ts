import type { Auth, OAuth2, Secret, Simulation } from "@belay/sdk";
import type { Answer } from "./answer.ts";
import { authorizationServer, pathOf } from "./oauth/authorization-server.ts";
import { keepTokens } from "./oauth/tokens.ts";
import type { TokenBook } from "./oauth/tokens.ts";
import { seedFor, seededRandom } from "./random.ts";
import type { AccountRequest } from "./read-request.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

/**
 * The fields of a credential, named by the connector's `auth`. For `oauth2`: `clientId` and `clientSecret` of the client that is
 * registered, and tokens that are valid from the start, `accessToken` and `refreshToken`; any of the two pairs may be left out.
 */
export type Credential = Readonly<Record<string, Secret>>;

/** What a credential is worth. `scopes` is undefined where there are none to speak of: everything is allowed. */
export type Admission =
  | { readonly ok: true; readonly scopes: readonly string[] | undefined }
  | { readonly ok: false; readonly headers: Readonly<Record<string, string>> };

/** The door of one account. */
export interface Gate {
  /** The header, in lower case, that carries the credential. */
  readonly header: string;
  admit(headers: Headers): Admission;
  /** Whether a path is one of the provider's endpoints for tokens, for which no credential is needed. */
  isOpen(pathname: string): boolean;
  /** Serves such an endpoint. */
  serve(request: AccountRequest): Answer | undefined;
  /** The tokens of `oauth2`. */
  readonly tokens: TokenBook | undefined;
}

/** @throws TypeError when the credential lacks a field that `auth` names. */
export function openGate(
  auth: Auth,
  credential: Credential,
  seed: number,
  now: () => number,
  alsoTakes: Simulation["authorizations"] = () => [],
): Gate {
  if (auth.kind === "oauth2") return openOAuthGate(auth, credential, seed, now);
  const expected = expectedHeader(auth, credential);
  const others = alsoTakes(Object.fromEntries(Object.entries(credential).map(([name, secret]) => [name, secret.reveal()])));
  return {
    header: expected.name,
    admit(headers) {
      const shown = headerOf(headers, "authorization");
      const known = headerOf(headers, expected.name) === expected.value || (shown !== undefined && others.includes(shown));
      return known ? { ok: true, scopes: undefined } : { ok: false, headers: {} };
    },
    isOpen: () => false,
    serve: () => undefined,
    tokens: undefined,
  };
}

function openOAuthGate(auth: OAuth2, credential: Credential, seed: number, now: () => number): Gate {
  const { clientId, clientSecret, accessToken, refreshToken } = credential;
  if (accessToken === undefined && (clientId === undefined || clientSecret === undefined))
    throw new TypeError('A credential for oauth2 needs the field "accessToken", or "clientId" and "clientSecret".');
  const random = seededRandom(seedFor(seed, "tokens"));
  const tokens = keepTokens(auth, random, now);
  if (accessToken !== undefined) tokens.adopt(accessToken.reveal(), refreshToken?.reveal(), auth.scopes ?? []);
  const client = clientId && clientSecret && { id: clientId.reveal(), secret: clientSecret.reveal() };
  const paths = [auth.tokenUrl, auth.authorizationUrl].flatMap((url) => (url === undefined ? [] : pathOf(url)));
  return {
    header: "authorization",
    admit(headers) {
      const [scheme = "", token = ""] = (headerOf(headers, "authorization") ?? "").split(" ");
      // Who shows no token is told only that one is needed. @see RFC 6750, section 3.1
      if (scheme.toLowerCase() !== "bearer") return { ok: false, headers: { "www-authenticate": 'Bearer realm="api"' } };
      const judged = tokens.judge(token);
      if (typeof judged === "object") return { ok: true, scopes: auth.scopes === undefined ? undefined : judged.scopes };
      return {
        ok: false,
        headers: { "www-authenticate": `Bearer realm="api", error="invalid_token", error_description="The access token is ${judged}"` },
      };
    },
    isOpen: (pathname) => paths.includes(pathname),
    serve: authorizationServer({ auth, client, tokens, random, now }),
    tokens,
  };
}

function expectedHeader(auth: Exclude<Auth, OAuth2>, credential: Credential): { readonly name: string; readonly value: string } {
  const field = (name: string): string => {
    const secret = credential[name];
    if (secret === undefined) throw new TypeError(`A credential for ${auth.kind} needs the field "${name}".`);
    return secret.reveal();
  };
  switch (auth.kind) {
    case "bearer":
      return { name: "authorization", value: `Bearer ${field("token")}` };
    case "apiKey":
      return { name: auth.header.toLowerCase(), value: `${auth.prefix ?? ""}${field("apiKey")}` };
    case "basic":
      return { name: "authorization", value: `Basic ${Buffer.from(`${field("username")}:${field("password")}`).toString("base64")}` };
  }
}
