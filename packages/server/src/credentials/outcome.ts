import type { Grant } from "../oauth/index.ts";

/** How a renewal ended, as `TokenOutcome` of the OAuth slice says it, and with codes of others: what kept it from being asked for. */
export type RenewalOutcome =
  | { readonly kind: "granted"; readonly grant: Grant }
  /** The provider has understood, and says no. */
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  /** Surely nothing was consumed: never sent, or the provider said so. */
  | { readonly kind: "unavailable"; readonly code: string; readonly detail: string; readonly retryAfterMs?: number }
  /** Bytes left and no readable answer came: a refresh token may be consumed. */
  | { readonly kind: "unknown"; readonly code: string; readonly detail: string };
