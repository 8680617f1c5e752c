/**
 * The webhooks that a simulated provider sends.
 *
 * - event: something that happened in an account, with the payload that tells of it.
 * - delivery: what the provider does about one event and one endpoint; it consists of attempts.
 * - thing: what made-up events tell of, again and again: an issue, a customer.
 *
 * Invariants: signed are the bytes that are sent, anew for each attempt; the same seed and the same order of calls make the same events
 * and the same faults; an endpoint gets first attempts one after another, in the order in which the events happened, unless a fault says
 * otherwise.
 *
 * @module
 */
export { placeIn } from "./act-out.ts";
export { attempt } from "./attempt.ts";
export type { WebhookAttempt, WebhookEndpoint } from "./attempt.ts";
export { composeEvent, pathOfId } from "./compose-event.ts";
export type { WebhookEvent } from "./compose-event.ts";
export type { DeliveryFaults, DeliveryRates } from "./delivery-faults.ts";
export { openWebhooks } from "./open-webhooks.ts";
export type { OpenWebhooks, SendOptions, SimulatedWebhooks } from "./open-webhooks.ts";
export type { WebhookDelivery } from "./send-event.ts";
