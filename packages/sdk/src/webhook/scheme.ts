import type { Secret } from "../secret.ts";

/** The received request as it was on the wire: header names in lower case, body as raw bytes. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Why a webhook was not believed. Stable words: they are counted and shown. */
export type RejectReason = "missing-header" | "malformed-header" | "stale-timestamp" | "wrong-signature";

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: RejectReason };

/** A way of signing webhooks, both ways: Belay verifies with it, the simulator signs with it. */
export interface WebhookScheme {
  /**
   * Checks the signature over the raw bytes, in constant time, against every secret (several are valid while one is rotated).
   * Never throws for what a stranger may send.
   */
  verify(request: WebhookRequest, secrets: readonly Secret[], now: Date): Verdict;
  /**
   * Why a request would not be believed whatever its body is: what is missing or misshapen in its headers, or a time that is over. Asked before a large body is taken in, so
   * that a stranger cannot have megabytes read and hashed for nothing. `undefined` when the body decides. Never throws. Default: the body is taken in and decides.
   */
  refuse?(headers: WebhookRequest["headers"], now: Date): RejectReason | undefined;
  /** The headers that the provider would send along with `body`. `id` is the delivery's id where the scheme signs one. */
  sign(body: Uint8Array, secret: Secret, now: Date, id: string): Record<string, string>;
}
