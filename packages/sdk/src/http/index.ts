/**
 * The outbound pipeline and the typed clients on top of it. Everything that leaves for a provider goes through
 *
 * deadline · idempotency-key · retry · circuit-breaker · rate-budget · attempt-timeout · auth · trace · record · send
 *
 * Terms: a *call* is what the caller asks for; an *attempt* is one exchange over the wire, of which a call makes up to three; an
 * *operation* is the step on whose behalf calls are made; a write is *suspect* when an earlier attempt of its step may have had effects.
 *
 * Invariants: no attempt without budget, deadline and credential. A write without provider key is never sent twice unless the
 * first certainly did nothing or was looked for and not found. The lease is checked just before the bytes of a write leave.
 * Redirects are followed only for reads, where the connector says so, and without credential to another origin. No secret in an error or an exchange.
 *
 * An error with `details.waits === true` says that nothing was attempted and `retry.afterMs` is when to try: the mailbox waits and
 * no attempt is used up. One with `details.outage === true` met a provider that was away: once a breaker says so too, its attempt is given back.
 *
 * @module
 */
export { createClient } from "./client/create-client.ts";
export type { ClientPorts } from "./client/create-client.ts";
export { openPageReader } from "./client/page-reader.ts";
export type { ListingPage, PageReader } from "./client/page-reader.ts";
export type { AnswerCache, CacheAsk, CacheChange, CachedAnswer, CacheFound } from "./client/cache/answer-cache.ts";
export { createMemoryLastKnown } from "./client/fallback/last-known.ts";
export type { KeptAnswer, KnownAnswer, LastKnown } from "./client/fallback/last-known.ts";
export { createPipeline } from "./pipeline.ts";
export type { PipelinePorts, PipelineTarget } from "./pipeline.ts";
export { compose } from "./outbound.ts";
export { send } from "./send.ts";
export { attemptTimeout } from "./attempt-timeout.ts";
export type { AnswerSink, Layer, Method, OutboundRequest, OutboundResponse, Send, Streaming, Write } from "./outbound.ts";
export { providerOf, resolveBaseUrl } from "./base-url.ts";
export type { BaseUrl } from "./base-url.ts";
export { placeholdersOf, refuseSetting } from "../connector/placeholders.ts";
export { dispatcherFor, openPipeline, ownerOf } from "./open-pipeline.ts";
export type { ConnectionPorts, OpenPipeline } from "./open-pipeline.ts";
export { guardUrls } from "./url-guard.ts";
export type { UrlGuard, UrlRefusal } from "./url-guard.ts";
export type { AddressScope } from "./address-guard.ts";
export { createNetwork } from "./network.ts";
export type { Network, NetworkOptions } from "./network.ts";
export { currentOperation, Operation, runInOperation } from "./operation-context.ts";
export type { OperationContext } from "./operation-context.ts";
export { after, systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export type { Admission, AttemptOutcome, Breaker, BreakerSubject } from "./breaker.ts";
export { breakerTransitions, closedBreaker, stepBreaker } from "./breaker-states.ts";
export type { BreakerEvent, BreakerOptions, BreakerRecord, BreakerState } from "./breaker-states.ts";
export { createMemoryBreaker } from "./memory-breaker.ts";
export type { MemoryBreaker } from "./memory-breaker.ts";
export type { Budget, BudgetUse, Demand, Grant, ParsedLimit, Permit, SharedBudget, Standing } from "./budget.ts";
export { bindBudgets } from "./bind-budgets.ts";
export type { BoundBudgets, BoundLimit, BudgetOwner } from "./bind-budgets.ts";
export { createMemoryBudget } from "./memory-budget.ts";
export type { MemoryBudget } from "./memory-budget.ts";
export { parseRetryAfter } from "./retry-after.ts";
export type { Attempt, Exchange } from "./record.ts";
export { createRedact, redactSecrets } from "./redact.ts";
export type { Redact } from "./redact.ts";
export { newSpanId } from "./trace.ts";
export { httpErrors } from "./errors.ts";
export type { HttpErrorCode } from "./errors.ts";
export { staticCredentials } from "../auth/credentials.ts";
export type { Credential, Credentials } from "../auth/credentials.ts";
