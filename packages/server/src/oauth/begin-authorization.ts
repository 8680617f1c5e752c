import * as oauth from "oauth4webapi";
import { endpointOf } from "./endpoints.ts";
import { oauthError } from "./oauth-error.ts";
import type { OAuthParts } from "./parts.ts";
import { readBody, textAt } from "./read-answer.ts";
import { clientOf, composeAndSend, proofsOf, serverOf } from "./request-token.ts";

export interface BeginOptions {
  /** Registered with the provider; the same has to be given to `exchangeCode`. */
  readonly redirectUri: string;
  /** Unguessable, good for one use, bound to the browser that begins. */
  readonly state: string;
  readonly scopes: readonly string[];
}

export interface BegunAuthorization {
  /** Where the user is sent. */
  readonly url: string;
  /** Secret until the code is exchanged; empty where the provider fails on PKCE. */
  readonly codeVerifier: string;
}

/**
 * Where to send a user who shall agree. PKCE is used unless the provider fails on it. Where the provider takes pushed requests, nothing but a
 * reference is in the address.
 *
 * @throws `OAUTH_ENDPOINT_MISSING`, `OAUTH_PUSH_FAILED`.
 * @see RFC 6749, section 4.1.1; RFC 7636; RFC 9126
 */
export async function beginAuthorization(parts: OAuthParts, { redirectUri, state, scopes }: BeginOptions): Promise<BegunAuthorization> {
  const { auth, client } = parts;
  const url = new URL(endpointOf(auth, "authorizationUrl"));
  const codeVerifier = auth.pkce === "refused" ? "" : oauth.generateRandomCodeVerifier();
  const idParameter = auth.clientIdParameter ?? "client_id";
  const parameters: Record<string, string> = {
    ...auth.authorizationParameters,
    [idParameter]: client.id,
    response_type: "code",
    redirect_uri: redirectUri,
    state,
    ...(scopes.length > 0 && { [auth.scopeParameter ?? "scope"]: scopes.join(auth.scopeSeparator ?? " ") }),
    ...(codeVerifier !== "" && { code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier), code_challenge_method: "S256" }),
  };
  const shown =
    auth.pushedAuthorizationUrl === undefined
      ? parameters
      : { [idParameter]: client.id, request_uri: await pushRequest(parts, parameters) };
  for (const [name, value] of Object.entries(shown)) url.searchParams.set(name, value);
  return { url: url.href, codeVerifier };
}

/** Leaves the request with the provider. A refused secret is followed by the next. */
async function pushRequest(parts: OAuthParts, parameters: Readonly<Record<string, string>>): Promise<string> {
  let found = "nothing";
  for (const prove of proofsOf(parts)) {
    const sent = await composeAndSend(parts, "pushedAuthorizationUrl", (options) =>
      oauth.pushedAuthorizationRequest(serverOf(parts.auth), clientOf(parts), prove, { ...parameters }, options),
    );
    if ("lost" in sent) {
      found = sent.lost.detail;
      break;
    }
    const reference = textAt(readBody(sent.answer) ?? {}, "request_uri");
    if (sent.answer.status < 300 && reference !== undefined) return reference;
    found = `The endpoint answered ${sent.answer.status}.`;
    if (sent.answer.status !== 401) break;
  }
  throw oauthError("OAUTH_PUSH_FAILED", `auth.pushedAuthorizationUrl: the request was not taken. ${found}`);
}
