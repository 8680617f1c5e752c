import type { Secret } from "../secret.ts";
import { computeSignature, isSignatureText, matchesAnySignature } from "./hmac.ts";
import type { HmacFormat } from "./hmac.ts";
import {
  checkTolerance,
  defaultToleranceSeconds,
  headerName,
  isFresh,
  isTimestampText,
  readHeader,
  reject,
  toSeconds,
} from "./request-parts.ts";
import type { RejectReason, Verdict, WebhookRequest, WebhookScheme } from "./scheme.ts";
import { readKeys, readSigningKey, readTextKey } from "./secret-keys.ts";

export interface TimestampedHmacOptions {
  /** The header with time and signatures, such as `Stripe-Signature`. */
  readonly header: string;
  /** The name of the signatures to believe; all others are ignored, so that a weaker one cannot stand in. Default `"v1"`. */
  readonly version?: string;
  /** How far the signed time may differ from ours, in either direction. Default 300 s. */
  readonly toleranceSeconds?: number;
}

const format: HmacFormat = { algorithm: "sha256", encoding: "hex" };

/**
 * Time and signatures in one header, `t=1492774577,v1=5257…,v1=9f3a…`; signed is `{t}.{body}` with HMAC-SHA256, keyed by the
 * secret's whole text. Several signatures stand there while the provider rotates its secret: one that matches is enough.
 *
 * Stricter than Stripe's own library in refusing times in the future as well, and headers with two times.
 *
 * @throws `SDK_WEBHOOK_SCHEME_INVALID` naming the option; `sign` throws `SDK_WEBHOOK_SECRET_INVALID`.
 * @see https://docs.stripe.com/webhooks/signature
 */
export function timestampedHmac(options: TimestampedHmacOptions): WebhookScheme {
  const header = headerName("header", options.header);
  const version = options.version ?? "v1";
  const toleranceSeconds = checkTolerance(options.toleranceSeconds ?? defaultToleranceSeconds);

  const readClaim = (headers: WebhookRequest["headers"], now: Date): Claim | { readonly reason: RejectReason } => {
    const value = readHeader(headers, header);
    if ("reason" in value) return value;
    const claim = parseClaim(value.value, version);
    if (claim === undefined) return { reason: "malformed-header" };
    return isFresh(claim.timestamp, now, toleranceSeconds) ? claim : { reason: "stale-timestamp" };
  };

  return {
    verify(request: WebhookRequest, secrets: readonly Secret[], now: Date): Verdict {
      const claim = readClaim(request.headers, now);
      if ("reason" in claim) return reject(claim.reason);
      const expected = readKeys(secrets, readTextKey).map((key) => computeSignature(format, key, [claim.timestamp, ".", request.body]));
      return matchesAnySignature(expected, claim.signatures) ? { ok: true } : reject("wrong-signature");
    },

    refuse(headers: WebhookRequest["headers"], now: Date): RejectReason | undefined {
      const claim = readClaim(headers, now);
      return "reason" in claim ? claim.reason : undefined;
    },

    sign(body: Uint8Array, secret: Secret, now: Date): Record<string, string> {
      const timestamp = String(toSeconds(now));
      const signature = computeSignature(format, readSigningKey(secret, readTextKey), [timestamp, ".", body]);
      return { [header]: `t=${timestamp},${version}=${signature}` };
    },
  };
}

interface Claim {
  readonly timestamp: string;
  readonly signatures: readonly string[];
}

/** What the header claims; `undefined` unless it holds exactly one time and only whole signatures of `version`, at least one. */
function parseClaim(header: string, version: string): Claim | undefined {
  const timestamps: string[] = [];
  const signatures: string[] = [];
  for (const item of header.split(",")) {
    const entry = /^ ?([A-Za-z0-9_]+)=(.*)$/.exec(item);
    if (entry === null) return undefined;
    const [, name, value = ""] = entry;
    if (name === "t") timestamps.push(value);
    if (name === version) signatures.push(value);
  }
  const [timestamp] = timestamps;
  if (timestamp === undefined || timestamps.length > 1 || !isTimestampText(timestamp)) return undefined;
  if (signatures.length === 0 || !signatures.every((signature) => isSignatureText(format, signature))) return undefined;
  return { timestamp, signatures };
}
