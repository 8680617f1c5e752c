import type { Duration } from "../duration.ts";
import type { Sending } from "./sending.ts";

/** Where a token answer holds what, by dotted path, for providers that do not write it as RFC 6749, section 5.1, does. */
export interface TokenAnswer {
  /** Default `access_token`. */
  readonly accessToken?: string;
  /** Default `refresh_token`. */
  readonly refreshToken?: string;
  /** Seconds from now. Default `expires_in`. */
  readonly expiresIn?: string;
  /** An instant: seconds or milliseconds since 1970, or ISO 8601. Default: the provider tells only `expiresIn`. */
  readonly expiresAt?: string;
  /** Seconds until the refresh token ends. Default `refresh_token_expires_in`, or `refresh_expires_in`. */
  readonly refreshExpiresIn?: string;
  /** What was granted, as a text or as a list. Default `scope`. */
  readonly scope?: string;
}

/** What a provider's refusal means, whatever it calls it. */
export type TokenFailure =
  /** The user, an administrator or time has ended the grant: only a new consent helps. */
  | "grantRevoked"
  /** A refresh token was used twice, and the provider has ended all that came of the consent. */
  | "grantReused"
  /** The account is gone, locked or not paid for. */
  | "accountGone"
  /** The client's id or secret is wrong, or the client may not do this. */
  | "clientRefused"
  /** What was given to log in with is wrong: key, password, assertion. */
  | "credentialRefused"
  | "scopeRefused"
  /** The user, or a policy of the organisation, said no. */
  | "consentDenied"
  /** The request is not as the provider wants it: a mistake in the connector. */
  | "requestRefused"
  | "rateLimited"
  /** The provider's own problem: the grant is as it was. */
  | "unavailable";

/** How one refusal of the provider is to be read. All that is given must fit; the first row that fits wins. */
export interface TokenErrorRow {
  readonly status?: number;
  /** The code, as it stands at `refusals.at`. */
  readonly code?: string;
  /** A text that the body must contain. */
  readonly contains?: string;
  readonly means: TokenFailure;
}

/** How the provider refuses, where it is not RFC 6749, section 5.2. An answer of 200 with such a code, and without a token, is a refusal too. */
export interface TokenRefusals {
  /** Where the answer holds the code of the error, by dotted path; of several, the first that is there. Default `error`. */
  readonly at?: string | readonly string[];
  /** Rows of the provider's own; what fits none is read as the RFC says. */
  readonly rows?: readonly TokenErrorRow[];
}

/** What all kinds of auth say that get a token from an endpoint. */
export interface ObtainsToken {
  /**
   * How long an access token holds where the answer does not tell: no token is taken to hold for ever. Belay renews it before. Answers
   * that tell nonsense (zero, less than zero, decades) count as telling nothing.
   */
  readonly accessTokenLifetime: Duration;
  /** `declared` where what the answer tells is not true. Default `answer`. */
  readonly lifetimeFrom?: "answer" | "declared";
  readonly answer?: TokenAnswer;
  readonly refusals?: TokenRefusals;
  /** How requests carry the token. Default `Authorization: Bearer <token>`. */
  readonly sends?: Sending;
}
