/**
 * Ways in which providers sign webhooks, as data. Belay verifies with a scheme, the simulator signs with it.
 *
 * - *secret*: what provider and receiver share; several are valid while one is rotated.
 * - *tolerance*: how far a signed time may differ from ours before the delivery counts as a replay.
 *
 * Invariants: signed are the raw bytes of the body, never a re-serialised one; signatures are compared in constant time, every
 * secret with every signature; nothing a stranger sends makes `verify` throw; an empty or unreadable secret believes nothing.
 *
 * @module
 */
export { hmacSignature } from "./hmac-signature.ts";
export type { HmacSignatureOptions, SignedPart } from "./hmac-signature.ts";
export { timestampedHmac } from "./timestamped-hmac.ts";
export type { TimestampedHmacOptions } from "./timestamped-hmac.ts";
export { sharedSecret } from "./shared-secret.ts";
export type { SharedSecretOptions } from "./shared-secret.ts";
export { standardWebhooks } from "./standard-webhooks.ts";
export type { StandardWebhooksOptions } from "./standard-webhooks.ts";
export type { RejectReason, Verdict, WebhookRequest, WebhookScheme } from "./scheme.ts";
