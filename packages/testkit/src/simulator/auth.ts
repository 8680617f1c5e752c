import { asBearer, authorize, fieldsOf, obtainsToken } from "@belay/sdk";
import type { Auth, Secret, Sending, Simulation, TokenAuth } from "@belay/sdk";
import type { Answer } from "./answer.ts";
import { authorizationServer, endpointsOf } from "./oauth/authorization-server.ts";
import { sessionServer } from "./oauth/session-server.ts";
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
  /** The headers, in lower case, and the query parameters that carry the credential. */
  readonly headers: readonly string[];
  readonly parameters: readonly string[];
  admit(headers: Headers, query: URLSearchParams): Admission;
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
  if (obtainsToken(auth)) return openTokenGate(auth, credential, seed, now);
  const missing = fieldsOf(auth).needed.find((name) => credential[name] === undefined);
  if (missing !== undefined) throw new TypeError(`A credential for ${auth.kind} needs the field "${missing}".`);
  const expected = authorize(auth, credential);
  const others = alsoTakes(Object.fromEntries(Object.entries(credential).map(([name, secret]) => [name, secret.reveal()])));
  const secretHeaders = Object.keys(expected.headers);
  return {
    headers: secretHeaders,
    parameters: Object.keys(expected.query),
    admit(headers, query) {
      const shown = headerOf(headers, "authorization");
      const known =
        Object.entries(expected.headers).every(([name, value]) => headerOf(headers, name) === value) &&
        Object.entries(expected.query).every(([name, value]) => query.get(name) === value);
      return known || (shown !== undefined && others.includes(shown)) ? { ok: true, scopes: undefined } : { ok: false, headers: {} };
    },
    isOpen: () => false,
    serve: () => undefined,
    tokens: undefined,
  };
}

function openTokenGate(auth: TokenAuth, credential: Credential, seed: number, now: () => number): Gate {
  const { clientId, clientSecret, accessToken, refreshToken } = credential;
  if (auth.kind === "oauth2" && accessToken === undefined && (clientId === undefined || clientSecret === undefined))
    throw new TypeError('A credential for oauth2 needs the field "accessToken", or "clientId" and "clientSecret".');
  const random = seededRandom(seedFor(seed, "tokens"));
  const tokens = keepTokens(auth, random, now);
  const scopes = auth.kind === "session" ? undefined : auth.scopes;
  if (accessToken !== undefined) tokens.adopt(accessToken.reveal(), refreshToken?.reveal(), scopes ?? []);
  const sends = auth.sends ?? asBearer;
  const client = clientId && clientSecret && { id: clientId.reveal(), secret: clientSecret.reveal() };
  const paths = endpointsOf(auth);
  return {
    headers: "header" in sends ? [sends.header.toLowerCase()] : [],
    parameters: "query" in sends ? [sends.query] : [],
    admit(headers, query) {
      const token = shownToken(sends, headers, query);
      // Who shows no token is told only that one is needed. @see RFC 6750, section 3.1
      if (token === undefined) return { ok: false, headers: { "www-authenticate": 'Bearer realm="api"' } };
      const judged = tokens.judge(token);
      if (typeof judged === "object") return { ok: true, scopes: scopes === undefined ? undefined : judged.scopes };
      return {
        ok: false,
        headers: { "www-authenticate": `Bearer realm="api", error="invalid_token", error_description="The access token is ${judged}"` },
      };
    },
    isOpen: (pathname) => paths.includes(pathname),
    serve:
      auth.kind === "oauth2" ? authorizationServer({ auth, client, tokens, random, now }) : sessionServer({ auth, credential, tokens }),
    tokens,
  };
}

function shownToken(sends: Sending, headers: Headers, query: URLSearchParams): string | undefined {
  if ("query" in sends) return query.get(sends.query) ?? undefined;
  const [shown, prefix] = [headerOf(headers, sends.header.toLowerCase()) ?? "", sends.prefix ?? ""];
  return shown !== "" && shown.toLowerCase().startsWith(prefix.toLowerCase()) ? shown.slice(prefix.length) : undefined;
}
