import type { Secret } from "@belay/sdk";

/** What a provider granted. */
export interface Grant {
  /** `accessToken`, `refreshToken`, … as the connector's auth names them. */
  readonly fields: Readonly<Record<string, Secret>>;
  /** Epoch ms by our own clock; `null`: the provider did not say, or it does not end. */
  readonly expiresAtMs: number | null;
  readonly refreshExpiresAtMs: number | null;
  /** As far as the provider told. */
  readonly scopes: readonly string[] | undefined;
  readonly account?: { readonly id?: string; readonly name?: string };
}

/** How a request to a token endpoint ended. */
export type TokenOutcome =
  | { readonly kind: "granted"; readonly grant: Grant }
  /** The provider has understood, and says no. */
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  /** Surely nothing was consumed: never sent, or the provider said so. */
  | { readonly kind: "unavailable"; readonly code: string; readonly detail: string; readonly retryAfterMs?: number }
  /** Bytes left and no readable answer came: a refresh token may be consumed. */
  | { readonly kind: "unknown"; readonly code: string; readonly detail: string };
