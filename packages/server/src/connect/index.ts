/**
 * Connecting an account: links for people, the pages behind them, and giving an account up again.
 *
 * Terms: a *connect session* is a link by which one account can be connected, once, within half an hour; its *token* is the last part of the address. The *state* goes
 * to the provider and comes back with the browser. The *trial* is a first call with what somebody filled in, before it is kept. To *give up* a credential is to shred
 * it here and to tell the provider.
 *
 * Tables owned: connect_session.
 *
 * Invariants: of token, state and cookie only hashes are stored, or they are sealed. A state is good once, and only in the browser that left. A link that is over and one
 * that never was look the same. A page shows nothing of others than its tenant. No credential is kept that failed its trial. An account takes the place of
 * another only if somebody says so.
 *
 * @module
 */
export { createSession } from "./create-session.ts";
export type { SessionRequest } from "./create-session.ts";
export { disconnect } from "./disconnect.ts";
export type { Revocation } from "./disconnect.ts";
export { connectErrors } from "./errors.ts";
export { connectJobs } from "./jobs.ts";
export { findDisabledUses, requiredScopes } from "./missing-scopes.ts";
export type { ConnectParts, Fields, ProviderSide } from "./parts.ts";
export { registerConnect } from "./routes.ts";
export { tryCredential } from "./try-credential.ts";
