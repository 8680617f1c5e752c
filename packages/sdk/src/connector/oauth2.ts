import type { Duration } from "../duration.ts";

/**
 * OAuth 2.0 as the provider offers it. The connection's credential is `{ accessToken }`, sent as a bearer; whoever obtains and renews
 * it needs the rest.
 *
 * @see RFC 6749, RFC 6750, RFC 7636, RFC 9700
 */
export interface OAuth2 {
  readonly kind: "oauth2";
  /** URL, with the base URL's placeholders if need be, or a path below the base URL. */
  readonly tokenUrl: string;
  /** Where the user is sent; needed for `authorization_code`. */
  readonly authorizationUrl?: string;
  readonly grants: readonly ("authorization_code" | "refresh_token" | "client_credentials")[];
  /** All that can be asked for. Default: the provider knows no scopes. */
  readonly scopes?: readonly string[];
  readonly accessTokenLifetime: Duration;
  /**
   * What becomes of a refresh token. `rotates`: using one yields another and ends it; using it again ends all tokens that came of the
   * same consent. `lifetime` default: until it is revoked.
   */
  readonly refreshToken?: { readonly rotates: boolean; readonly lifetime?: Duration };
  /** Where the client proves who it is: HTTP basic, or `client_id` and `client_secret` in the body. */
  readonly clientAuthentication: "basic" | "body";
  /** Whether an authorization needs PKCE (S256). Default false: it is taken where it is sent. */
  readonly pkce?: boolean;
}
