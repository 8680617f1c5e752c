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
  refuseScheme,
  reject,
  toSeconds,
} from "./request-parts.ts";
import type { RejectReason, Verdict, WebhookRequest, WebhookScheme } from "./scheme.ts";
import { readKeys, readSigningKey, readStandardKey } from "./secret-keys.ts";

export interface StandardWebhooksOptions {
  /** What the three header names start with. Default `"webhook-"`; Svix also sends `"svix-"`. */
  readonly headerPrefix?: string;
  /** How far the signed time may differ from ours, in either direction. Default 300 s. */
  readonly toleranceSeconds?: number;
}

const format: HmacFormat = { algorithm: "sha256", encoding: "base64" };

/**
 * Standard Webhooks with symmetric keys: `webhook-id`, `webhook-timestamp` and `webhook-signature`, a list of signatures parted by
 * spaces. Signed is `{id}.{timestamp}.{body}` with HMAC-SHA256; the secret is `whsec_` and base64. Signatures of other versions
 * (`v1a`) are ignored. The id is signed, so it may serve as key against repeated deliveries.
 *
 * Ids with a full stop are refused, as the specification demands: the border between id, time and body could be moved.
 *
 * @throws `SDK_WEBHOOK_SCHEME_INVALID` naming the option; `sign` throws `SDK_WEBHOOK_SECRET_INVALID`, and
 * `SDK_WEBHOOK_SCHEME_INVALID` for an id that cannot be signed.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooks(options: StandardWebhooksOptions = {}): WebhookScheme {
  const prefix = headerName("headerPrefix", options.headerPrefix ?? "webhook-");
  const names = { id: `${prefix}id`, timestamp: `${prefix}timestamp`, signature: `${prefix}signature` };
  const toleranceSeconds = checkTolerance(options.toleranceSeconds ?? defaultToleranceSeconds);

  const readFreshClaim = (headers: WebhookRequest["headers"], now: Date): Claim | { readonly reason: RejectReason } => {
    const claim = readClaim(headers, names);
    if ("reason" in claim) return claim;
    return isFresh(claim.timestamp, now, toleranceSeconds) ? claim : { reason: "stale-timestamp" };
  };

  return {
    verify(request: WebhookRequest, secrets: readonly Secret[], now: Date): Verdict {
      const claim = readFreshClaim(request.headers, now);
      if ("reason" in claim) return reject(claim.reason);
      const chunks = [`${claim.id}.${claim.timestamp}.`, request.body];
      const expected = readKeys(secrets, readStandardKey).map((key) => computeSignature(format, key, chunks));
      return matchesAnySignature(expected, claim.signatures) ? { ok: true } : reject("wrong-signature");
    },

    refuse(headers: WebhookRequest["headers"], now: Date): RejectReason | undefined {
      const claim = readFreshClaim(headers, now);
      return "reason" in claim ? claim.reason : undefined;
    },

    sign(body: Uint8Array, secret: Secret, now: Date, id: string): Record<string, string> {
      if (!isIdText(id)) refuseScheme("id", "use 1 to 256 visible ASCII characters without a full stop.");
      const timestamp = String(toSeconds(now));
      const signature = computeSignature(format, readSigningKey(secret, readStandardKey), [`${id}.${timestamp}.`, body]);
      return { [names.id]: id, [names.timestamp]: timestamp, [names.signature]: `v1,${signature}` };
    },
  };
}

interface Claim {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly string[];
}

function readClaim(
  headers: WebhookRequest["headers"],
  names: Readonly<Record<"id" | "timestamp" | "signature", string>>,
): Claim | { readonly reason: RejectReason } {
  const id = readHeader(headers, names.id);
  if ("reason" in id) return id;
  const timestamp = readHeader(headers, names.timestamp);
  if ("reason" in timestamp) return timestamp;
  const signature = readHeader(headers, names.signature);
  if ("reason" in signature) return signature;
  const signatures = parseSignatures(signature.value);
  if (!isIdText(id.value) || !isTimestampText(timestamp.value) || signatures === undefined) return { reason: "malformed-header" };
  return { id: id.value, timestamp: timestamp.value, signatures };
}

/** The `v1` signatures of the header; `undefined` when there is none, or one that is not whole. */
function parseSignatures(header: string): readonly string[] | undefined {
  const signatures: string[] = [];
  for (const item of header.split(" ")) {
    const comma = item.indexOf(",");
    if (comma === -1) return undefined;
    if (item.slice(0, comma) === "v1") signatures.push(item.slice(comma + 1));
  }
  return signatures.length > 0 && signatures.every((signature) => isSignatureText(format, signature)) ? signatures : undefined;
}

function isIdText(id: string): boolean {
  return /^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id);
}
