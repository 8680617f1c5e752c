/**
 * Circuit breakers that all processes share: a provider that is away gets probes only, and its being away is one incident, whatever number of connections meets it.
 *
 * Terms: a *breaker* is closed, open or half-open; a connection has one, and so has a *provider*, which is the host that connections call, as the connector declares it; a
 * *probe* is the one attempt that decides whether it closes; a connection fails *alone* when others of its provider do well meanwhile, and *vouching* is to say so; a *ramp*
 * is the way back after a breaker has closed.
 *
 * Tables owned: breaker.
 *
 * Invariants: what is not in the table is closed; of all processes one probes at a time, under a lease that expires and with a token, so that the answer of one that was given
 * up counts for nothing; connections that fail alone never open their provider's breaker; a breaker that opens or closes and what follows from it (the event, the mailboxes
 * that go on) are one transaction. No call asks the database.
 *
 * @module
 */
export { LocalBreaker } from "./local-breaker.ts";
export type { LocalBreakerParts } from "./local-breaker.ts";
export { openBreakers } from "./open-breakers.ts";
export type { SharedBreakers } from "./open-breakers.ts";
export { readProviders } from "./read-providers.ts";
export type { Provider, ProviderConnection } from "./read-providers.ts";
export type { BreakerDesk, BreakerKey, OpenBreaker, ProbeAnswer, ProbeEnd, ProviderSize, Trip, Vouch } from "./types.ts";
