import type { Secret } from "@belay/sdk";
import type { TokenOutcome } from "./outcome.ts";
import type { OAuthParts } from "./parts.ts";
import { requestToken } from "./request-token.ts";

export interface RefreshOptions {
  readonly refreshToken: Secret;
  /** Fewer scopes than were granted. Default: as they were. */
  readonly scopes?: readonly string[];
}

/**
 * Asks for a new access token. There is no way to abort it: once bytes have left, the answer may be the only copy of the grant. After
 * `unknown` the token that was sent may be used up; whether to show it once more is for the caller, who knows whether the provider
 * rotates tokens and detects reuse. A grant without `refreshToken` says that the one that was sent stays.
 *
 * @see RFC 6749, section 6; RFC 9700, section 4.14
 */
export async function refreshGrant(parts: OAuthParts, { refreshToken, scopes = [] }: RefreshOptions): Promise<TokenOutcome> {
  return await requestToken(parts, "refresh_token", {
    refresh_token: refreshToken.reveal(),
    ...(scopes.length > 0 && { scope: scopes.join(parts.auth.scopeSeparator ?? " ") }),
  });
}
