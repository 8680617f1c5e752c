/**
 * Who a connection is at its provider, now: keeps credentials sealed, renews them before they end, and says what is wrong when they cannot be used.
 *
 * Terms: a *credential* is what calls are made with; its *version* rises with every change. A *grant* is what a provider gave for it. To *renew* is to get the next grant,
 * with a refresh token or anew. A call with a single-use token is *unanswered* while nobody knows what came of it. To *take over* is to copy a credential that is
 * renewed from the configuration into the table, once.
 *
 * Tables owned: credential.
 *
 * Invariants: one renewal at a time for a connection, across all processes, under a lease; no database connection is held while the provider is asked; a call that has begun
 * is not given up, and its answer counts as long as the token that it used is still the one that is stored. A single-use token is not sent again while its last call may
 * still be on its way. An outage never asks a person to connect again. No secret is stored unsealed, or told.
 *
 * @module
 */
export type { CredentialBook } from "./credential-book.ts";
export { credentialErrors } from "./errors.ts";
export type { GivenCredential } from "./kept-credential.ts";
export { keepCredentials } from "./keep-credentials.ts";
export type { KeptCredentials } from "./keep-credentials.ts";
export { oauthRenewer } from "./oauth-renewer.ts";
export type { RenewalOutcome } from "./outcome.ts";
export type { Renewal } from "./plan-refresh.ts";
export type { Renewer } from "./renewer.ts";
export type { CredentialHealth } from "./tell-health.ts";
