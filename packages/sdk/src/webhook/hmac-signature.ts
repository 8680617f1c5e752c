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
import { readKeys, readSigningKey, readTextKey } from "./secret-keys.ts";

/** A piece of what is signed: the raw body, the text of the timestamp header, or a fixed text such as a separator. */
export type SignedPart = "body" | "timestamp" | { readonly text: string };

export interface HmacSignatureOptions {
  /** The header that holds the signature. */
  readonly header: string;
  /** What stands before the signature in the header, such as `sha256=`. Default: nothing. */
  readonly prefix?: string;
  /** Default `"sha256"`. */
  readonly algorithm?: HmacFormat["algorithm"];
  /** Default `"hex"`, which is lower case. */
  readonly encoding?: HmacFormat["encoding"];
  /** What is signed, in order. Default: the body alone. */
  readonly signed?: readonly SignedPart[];
  /** The header with the time of sending in Unix seconds; required when `signed` names it. Tolerance by default 300 s each way. */
  readonly timestamp?: { readonly header: string; readonly toleranceSeconds?: number };
}

/**
 * The common way of signing a webhook, as data: one HMAC in one header, keyed by the secret's text.
 *
 * ```ts
 * const github = hmacSignature({ header: "X-Hub-Signature-256", prefix: "sha256=" });
 * const slack = hmacSignature({
 *   header: "X-Slack-Signature",
 *   prefix: "v0=",
 *   signed: [{ text: "v0:" }, "timestamp", { text: ":" }, "body"],
 *   timestamp: { header: "X-Slack-Request-Timestamp" },
 * });
 * ```
 *
 * Without a signed timestamp a captured delivery stays valid for ever: only the memory of its id and digest stops a replay.
 *
 * @throws `SDK_WEBHOOK_SCHEME_INVALID` naming the option and what to write instead; `sign` throws `SDK_WEBHOOK_SECRET_INVALID`.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function hmacSignature(options: HmacSignatureOptions): WebhookScheme {
  const header = headerName("header", options.header);
  const prefix = options.prefix ?? "";
  const format: HmacFormat = { algorithm: options.algorithm ?? "sha256", encoding: options.encoding ?? "hex" };
  const parts = options.signed ?? ["body"];
  const timestampHeader = options.timestamp === undefined ? undefined : headerName("timestamp.header", options.timestamp.header);
  const toleranceSeconds = checkTolerance(options.timestamp?.toleranceSeconds ?? defaultToleranceSeconds);
  refuseMistakes(parts, timestampHeader);

  const chunks = (body: Uint8Array, timestamp: string): (string | Uint8Array)[] =>
    parts.map((part) => (part === "body" ? body : part === "timestamp" ? timestamp : part.text));

  const readClaim = (headers: WebhookRequest["headers"], now: Date): Claim | { readonly reason: RejectReason } => {
    const signature = readHeader(headers, header);
    if ("reason" in signature) return signature;
    const received = signature.value.slice(prefix.length);
    if (!signature.value.startsWith(prefix) || !isSignatureText(format, received)) return { reason: "malformed-header" };
    if (timestampHeader === undefined) return { received, timestamp: "" };
    const sentAt = readHeader(headers, timestampHeader);
    if ("reason" in sentAt) return sentAt;
    if (!isTimestampText(sentAt.value)) return { reason: "malformed-header" };
    if (!isFresh(sentAt.value, now, toleranceSeconds)) return { reason: "stale-timestamp" };
    return { received, timestamp: sentAt.value };
  };

  return {
    verify(request: WebhookRequest, secrets: readonly Secret[], now: Date): Verdict {
      const claim = readClaim(request.headers, now);
      if ("reason" in claim) return reject(claim.reason);
      const { received, timestamp } = claim;
      const expected = readKeys(secrets, readTextKey).map((key) => computeSignature(format, key, chunks(request.body, timestamp)));
      return matchesAnySignature(expected, [received]) ? { ok: true } : reject("wrong-signature");
    },

    refuse(headers: WebhookRequest["headers"], now: Date): RejectReason | undefined {
      const claim = readClaim(headers, now);
      return "reason" in claim ? claim.reason : undefined;
    },

    sign(body: Uint8Array, secret: Secret, now: Date): Record<string, string> {
      const timestamp = String(toSeconds(now));
      const signature = prefix + computeSignature(format, readSigningKey(secret, readTextKey), chunks(body, timestamp));
      return timestampHeader === undefined ? { [header]: signature } : { [header]: signature, [timestampHeader]: timestamp };
    },
  };
}

interface Claim {
  readonly received: string;
  /** Empty where none is signed. */
  readonly timestamp: string;
}

function refuseMistakes(parts: readonly SignedPart[], timestampHeader: string | undefined): void {
  if (parts.filter((part) => part === "body").length !== 1)
    refuseScheme("signed", `name "body" exactly once, or the body could be exchanged.`);
  const signsTimestamp = parts.includes("timestamp");
  if (signsTimestamp && timestampHeader === undefined) refuseScheme("timestamp", "name the header that holds the timestamp.");
  if (!signsTimestamp && timestampHeader !== undefined) refuseScheme("signed", `name "timestamp", or a replay could carry a new one.`);
}
