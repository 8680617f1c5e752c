import * as oauth from "oauth4webapi";
import { verdictOnCode } from "./judge-answer.ts";
import type { TokenOutcome } from "./outcome.ts";
import type { OAuthParts } from "./parts.ts";
import { requestToken, serverOf, clientOf } from "./request-token.ts";

export interface ExchangeOptions {
  /** The whole address to which the provider sent the browser back. */
  readonly callbackUrl: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
  /** Those that were asked for: what was granted where the answer does not say. */
  readonly scopes: readonly string[];
}

/**
 * Makes a grant of what the browser brought back. State and issuer are checked first; a refusal by the user is `refused`. A code is good for
 * one use, so an outcome other than `granted` ends the attempt: the user begins anew.
 *
 * @see RFC 6749, section 4.1.3; RFC 9207
 */
export async function exchangeCode(parts: OAuthParts, options: ExchangeOptions): Promise<TokenOutcome> {
  const { auth } = parts;
  const callback = readCallback(parts, options);
  if ("kind" in callback) return callback;
  const outcome = await requestToken(parts, "authorization_code", {
    code: callback.code,
    redirect_uri: options.redirectUri,
    ...(auth.pkce !== "refused" && { code_verifier: options.codeVerifier }),
  });
  if (outcome.kind !== "granted" || outcome.grant.scopes !== undefined || options.scopes.length === 0) return outcome;
  return { kind: "granted", grant: { ...outcome.grant, scopes: options.scopes } };
}

function readCallback(
  parts: OAuthParts,
  { callbackUrl, state }: ExchangeOptions,
): { readonly code: string } | Extract<TokenOutcome, { kind: "refused" | "unavailable" }> {
  const invalid = (detail: string) => ({ kind: "refused", code: "OAUTH_CALLBACK_INVALID", detail }) as const;
  if (!URL.canParse(callbackUrl)) return invalid("The address is no URL.");
  const { searchParams } = new URL(callbackUrl);
  // Without a declared issuer there is none to compare with.
  if (parts.auth.issuer === undefined) searchParams.delete("iss");
  try {
    const checked = oauth.validateAuthResponse(serverOf(parts.auth), clientOf(parts), searchParams, state);
    const code = checked.get("code");
    return code === null || code === "" ? invalid("It brings no code.") : { code };
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) return verdictOnCode(parts.auth, error.error);
    return invalid("It brings another state or issuer than were sent.");
  }
}
