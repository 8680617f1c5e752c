/**
 * The provider simulator.
 *
 * - account: a customer's own space at the provider; records, keys, limits and faults are apart per account.
 * - fault: a misbehaviour drawn from the seed for one request; a dead period hits all requests of its time.
 * - write: one committed create, update or delete. A record's writes are its whole history.
 *
 * Invariants: a request commits at most once; one that is answered with an error has committed nothing (but 501, the
 * simulator's own failure); the same seed and the same
 * order of an account's requests give the same faults.
 *
 * @module
 */
export { collect } from "./collect.ts";
export { simulate } from "./simulate.ts";
export type { Simulator, SimulatorOptions } from "./simulate.ts";
export type { DeadAs } from "./account.ts";
export type { FailureAnswers, FailureKind } from "./answer.ts";
export type { Credential } from "./auth.ts";
export { systemClock } from "./clock.ts";
export type { SimulatorClock } from "./clock.ts";
export type { Fault, FaultRates, FaultRule } from "./faults.ts";
export type { RecordCounts } from "./generate/plant-records.ts";
export type { HistoryEntry } from "./history.ts";
export { inProcessNetwork } from "./in-process.ts";
export type { InProcessProvider } from "./in-process.ts";
export type { ListingHabits } from "./listing-habits.ts";
export type { IssuedTokens, TokenBook } from "./oauth/tokens.ts";
export type { ProposedWrite } from "./provider.ts";
export { history } from "./provider-history.ts";
export type { ProviderHistory } from "./provider-history.ts";
export { seededRandom, seedFor } from "./random.ts";
export type { Random } from "./random.ts";
export type { ResourceSettings } from "./resource-model.ts";
export { placeIn } from "./webhooks/index.ts";
export type {
  DeliveryFaults,
  DeliveryRates,
  SimulatedWebhooks,
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEvent,
} from "./webhooks/index.ts";
export type { Fields, Place, StoredRecord, Write } from "./store.ts";
export type { Exchange, WireAnswer, WireOutcome, WireRequest } from "./wire.ts";
