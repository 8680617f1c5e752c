import type { ObtainsToken } from "../auth/token-answer.ts";
import type { DeclaredFields } from "../auth/fields.ts";
import type { Duration } from "../duration.ts";

export type OAuth2Grant = "authorization_code" | "refresh_token" | "client_credentials";

/**
 * OAuth 2.0 as the provider offers it, its oddities as data. A connection's credential is `{ accessToken }`, and `{ refreshToken }` where
 * there is one; `clientId` and `clientSecret` in it are used instead of the client in the configuration's `oauthClients`.
 *
 * URLs may be a path below the base URL, and may have its placeholders.
 *
 * @see RFC 6749, RFC 6750, RFC 7009, RFC 7636, RFC 8414, RFC 9126, RFC 9700
 */
export interface OAuth2 extends ObtainsToken {
  readonly kind: "oauth2";
  /**
   * Where the provider tells its endpoints (RFC 8414, or OpenID Connect Discovery). Those that are declared beside it win; with all that the
   * grants need declared, it is not asked. Callbacks that name an issuer must name this one (RFC 9207).
   */
  readonly issuer?: string;
  /** Needed without `issuer`. */
  readonly tokenUrl?: string;
  /** Where the user is sent; needed for `authorization_code`, without `issuer`. */
  readonly authorizationUrl?: string;
  /** Where the request is left before the user is sent, so that nothing of it is in the browser (RFC 9126). Default: not offered. */
  readonly pushedAuthorizationUrl?: string;
  /** Where tokens are given back (RFC 7009). Default: not offered, so a disconnected grant ends at the provider only by its owner's hand. */
  readonly revocationUrl?: string;
  readonly grants: readonly OAuth2Grant[];
  /** All that can be asked for. Default: the provider knows no scopes. */
  readonly scopes?: readonly string[];
  /** Of `scopes`, those that a user may refuse without the connection being useless. Default: none. */
  readonly optionalScopes?: readonly string[];
  /** What stands between scopes. Default: a space. */
  readonly scopeSeparator?: string;
  /** The name of the parameter for scopes at the authorization endpoint (Slack: `user_scope`). Default `scope`. */
  readonly scopeParameter?: string;
  /**
   * What becomes of a refresh token. `rotates`: using one yields another and ends it; using it again may end all tokens that came of the
   * same consent. `lifetime` default: until it is revoked. `idle`: it ends when it was not used for so long; default: never.
   */
  readonly refreshToken?: { readonly rotates: boolean; readonly lifetime?: Duration; readonly idle?: Duration };
  /**
   * How the client proves who it is: HTTP basic, `client_id` and `client_secret` in the body, a statement signed by its private key (`signed`, called
   * `private_key_jwt` by providers; the secrets are then keys, see `OAuthClient`), or not at all (a public client).
   *
   * @see RFC 7523, section 2.2
   */
  readonly clientAuthentication: "basic" | "body" | "signed" | "none";
  /** The name of the client's id in bodies and addresses (TikTok: `client_key`). Default `client_id`. */
  readonly clientIdParameter?: string;
  /**
   * PKCE (S256). Belay always uses it, except with `refused`, for providers that fail on it. True: the provider needs it. Default false: it
   * is taken where it is sent.
   */
  readonly pkce?: boolean | "refused";
  /** How the body of token requests is written. Default `form`. */
  readonly tokenBody?: "form" | "json";
  /** Added where the user is sent: `{ access_type: "offline", prompt: "consent" }`. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Added to every token request: `{ audience: "api.example" }`. */
  readonly tokenParameters?: Readonly<Record<string, string>>;
  /** Whose account it is, as the token answer says, by dotted path; `id_token.sub` reads the claims of an ID token. */
  readonly account?: { readonly id?: string; readonly name?: string };
  /** What a form shows at the fields that a person fills in. */
  readonly fields?: DeclaredFields;
}
