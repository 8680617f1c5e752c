/**
 * Speaks OAuth 2.0 with providers: authorization, tokens, refresh, revocation, discovery; and logs in where a provider wants a session.
 *
 * Terms: a *grant* is what a provider has given and for how long; an *outcome* says what became of asking for one: `granted`, `refused` (a
 * verdict), `unavailable` (what was shown is as it was), `unknown` (it may be used up).
 *
 * Tables owned: none. Who keeps grants, and when they are renewed, is for the caller.
 *
 * Invariants: every answer of a token endpoint, and every way of getting none, has an outcome. A 5xx never says that a grant has ended. No token is
 * taken to hold for ever. Redirects are not followed. A request is not aborted once its bytes have left, except by its own time limit.
 * No outcome holds a secret outside of `Secret`.
 *
 * @module
 */
export { beginAuthorization } from "./begin-authorization.ts";
export type { BeginOptions, BegunAuthorization } from "./begin-authorization.ts";
export { oauthErrors } from "./errors.ts";
export type { OAuthOutcomeCode } from "./errors.ts";
export { clientFor } from "./client-for.ts";
export { exchangeCode } from "./exchange-code.ts";
export type { ExchangeOptions } from "./exchange-code.ts";
export type { Grant, RevokeOutcome, TokenOutcome } from "./outcome.ts";
export type { OAuthParts, TokenParts } from "./parts.ts";
export { obtainGrant } from "./obtain-grant.ts";
export { refreshGrant } from "./refresh-grant.ts";
export type { RefreshOptions } from "./refresh-grant.ts";
export { revokeGrant } from "./revoke-grant.ts";
export { createEndpoints } from "./resolve-endpoints.ts";
export type { Endpoints } from "./resolve-endpoints.ts";
