import { BelayError } from "../errors/belay-error.ts";
import type { RejectReason, Verdict, WebhookRequest } from "./scheme.ts";

/** Far above any provider's signature header, far below what would make parsing it costly. */
const maxHeaderLength = 4_096;

/** Seconds by which a signed time may differ from ours, in either direction, before the delivery counts as a replay. */
export const defaultToleranceSeconds = 300;

export function reject(reason: RejectReason): Verdict {
  return { ok: false, reason };
}

/** The value of a header, or why it cannot be used. `name` is in lower case. */
export function readHeader(
  headers: WebhookRequest["headers"],
  name: string,
): { readonly value: string } | { readonly reason: RejectReason } {
  const value = headers[name];
  if (typeof value !== "string" || value === "") return { reason: "missing-header" };
  if (value.length > maxHeaderLength) return { reason: "malformed-header" };
  return { value };
}

/** Whether `text` is a whole number of seconds, written in the one way that signs the same as it reads. */
export function isTimestampText(text: string): boolean {
  return /^[1-9][0-9]{0,11}$/.test(text);
}

/** Whether a signed time is close enough to ours. The future counts as well: a sender far ahead could be replayed for long. */
export function isFresh(timestamp: string, now: Date, toleranceSeconds: number): boolean {
  // Written so that a clock that is not a number refuses.
  return Math.abs(toSeconds(now) - Number(timestamp)) <= toleranceSeconds;
}

export function toSeconds(now: Date): number {
  return Math.floor(now.getTime() / 1_000);
}

/** Lower-cases a header name of a scheme's declaration. @throws `SDK_WEBHOOK_SCHEME_INVALID` when it cannot be a header name. */
export function headerName(field: string, name: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(name)) refuseScheme(field, "use a header name of letters, digits and dashes.");
  return name.toLowerCase();
}

/** @throws `SDK_WEBHOOK_SCHEME_INVALID` when a tolerance would accept nothing, or everything. */
export function checkTolerance(seconds: number): number {
  if (!Number.isFinite(seconds) || seconds <= 0) refuseScheme("toleranceSeconds", "use a number of seconds above 0.");
  return seconds;
}

export function refuseScheme(field: string, remedy: string): never {
  throw new BelayError("SDK_WEBHOOK_SCHEME_INVALID", `Webhook scheme, ${field}: ${remedy}`, { details: { field } });
}
