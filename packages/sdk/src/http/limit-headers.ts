import type { Limit } from "../connector/types.ts";
import { toMs } from "../duration.ts";
import { headerOf } from "./outbound.ts";
import type { OutboundResponse } from "./outbound.ts";

/**
 * Until when (epoch milliseconds) a provider lets nobody through, by the headers that its limits declare: the latest reset of those
 * limits that have nothing left. Undefined while all have room. A reset is believed for one window at most: a wrong header must not
 * stop a connection for years.
 */
export function usedUpUntil(limits: readonly Limit[], response: OutboundResponse, now: number): number | undefined {
  const resets = limits.flatMap(({ headers, per }) => {
    if (headers?.remaining === undefined || per === undefined) return [];
    const remaining = headerOf(response, headers.remaining.toLowerCase())?.trim();
    if (remaining === undefined || !/^-?\d+(\.\d+)?$/.test(remaining) || Number(remaining) >= 1) return [];
    const windowEnd = now + toMs(per);
    const reset = headers.reset && parseReset(headerOf(response, headers.reset.header.toLowerCase()), headers.reset.form, now);
    return [Math.max(now, Math.min(reset ?? windowEnd, windowEnd))];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function parseReset(value: string | undefined, form: "epochSeconds" | "deltaSeconds" | "isoDate", now: number): number | undefined {
  if (value === undefined) return undefined;
  const at = form === "isoDate" ? Date.parse(value) : Number(value.trim()) * 1_000 + (form === "deltaSeconds" ? now : 0);
  return Number.isFinite(at) ? at : undefined;
}
