import { BelayError } from "./errors/belay-error.ts";

/** A span of time as one reads it: `"250ms"`, `"10s"`, `"5m"`, `"2h"`, `"3d"`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The length of `duration` in milliseconds.
 *
 * @throws `SDK_DURATION_INVALID` when the text is not a whole or decimal number followed by ms, s, m, h or d.
 */
export function toMs(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  const amount = match?.[1];
  const unit = match?.[2];
  if (amount === undefined || unit === undefined || !(unit in unitMs)) {
    throw new BelayError("SDK_DURATION_INVALID", `"${duration}" is not a duration: write a number and a unit, such as "10s" or "2h".`);
  }
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}

/** Whether something that a caller gave is one. */
export function isDuration(value: unknown): value is Duration {
  return typeof value === "string" && /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value);
}
