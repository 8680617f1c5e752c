/**
 * The log of exchanges: what each attempt of a message did and was answered, without secrets and personal data.
 *
 * Terms: an *attempt* is one run of one message, with its steps; an *exchange* is one request to a provider and its answer, of which a step may make several; a
 * *proxied call* is one that the host application made through the proxy, with an exchange for each time it was sent; a *token* stands for a personal value, the same for the same value of a tenant.
 *
 * Tables owned: attempt, proxied_call.
 *
 * Invariants: writing an attempt down never delays or fails a run. Of what does not fit in memory, what went well is left out first, and counted. No personal value that a
 * contract names is kept, nor one that looks like an e-mail address or a phone number.
 *
 * @module
 */
export { AttemptLog, defaultExchangeRetention } from "./attempt-log.ts";
export type { ExchangeRetention } from "./attempt-log.ts";
export { CallLog } from "./call-log.ts";
export type { ProxiedCall } from "./call-log.ts";
export { readCalls } from "./read-calls.ts";
export type { KeptCall } from "./read-calls.ts";
export { exchangeJobs } from "./jobs.ts";
export { readAttempts } from "./read-attempts.ts";
export type { KeptAttempt, KeptExchange, KeptStep } from "./attempt.ts";
export { tokenize } from "./tokenize.ts";
