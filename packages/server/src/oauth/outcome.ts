import type { Secret } from "@belay/sdk";
import type { OAuthOutcomeCode } from "./errors.ts";

/** What a provider has given: the fields of the credential that came of it, and until when they hold. */
export interface Grant {
  /** `accessToken`, and `refreshToken` where one was given. Fields from which a token was obtained are not among them. */
  readonly fields: Readonly<Record<string, Secret>>;
  /** Epoch milliseconds by our clock. Null only for what has no expiry by its nature, such as a key from a form. */
  readonly expiresAtMs: number | null;
  /** The same for the refresh token, as the answer tells or the connector declares it. Null: until it is revoked. */
  readonly refreshExpiresAtMs: number | null;
  /** What was granted; undefined where nobody says. */
  readonly scopes: readonly string[] | undefined;
  /** Whose account it is, as far as the answer says. */
  readonly account?: { readonly id?: string; readonly name?: string };
}

/** What became of a request for a token. No text in it holds a secret. */
export type TokenOutcome =
  | { readonly kind: "granted"; readonly grant: Grant }
  /** The provider has judged: asking again changes nothing. */
  | { readonly kind: "refused"; readonly code: OAuthOutcomeCode<"refused">; readonly detail: string }
  /** What was shown is as it was: nothing was sent, or the provider said that it cannot now. */
  | {
      readonly kind: "unavailable";
      readonly code: OAuthOutcomeCode<"unavailable">;
      readonly detail: string;
      /** How long the provider asks to wait. */
      readonly retryAfterMs?: number;
    }
  /** Bytes left and no readable answer came: a refresh token or a code that is good for one use may be used up. */
  | { readonly kind: "unknown"; readonly code: OAuthOutcomeCode<"unknown">; readonly detail: string };

/** What became of giving a grant back. */
export type RevokeOutcome =
  | { readonly kind: "revoked" }
  /** The provider has no endpoint for it: its owner has to end it there. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "failed"; readonly detail: string };
