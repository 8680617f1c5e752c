/**
 * The load generator: what two kinds of providers send to Belay, and what somebody else sends in their name.
 *
 * - event: what happened at a provider. delivery: one sending of an event. receipt: what Belay answered to a delivery.
 *
 * @module
 */
export type { Delivery, DeliveryKind } from "./delivery.ts";
export { githubSource } from "./github-source.ts";
export { planTraffic } from "./plan.ts";
export type { PlannedDelivery } from "./plan.ts";
export { sendTraffic } from "./send.ts";
export type { Receipt } from "./send.ts";
export { blockedPrefix } from "./source.ts";
export type { Source } from "./source.ts";
export { stripeSource } from "./stripe-source.ts";
