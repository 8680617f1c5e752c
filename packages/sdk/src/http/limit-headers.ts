import type { Limit } from "../connector/limit.ts";
import { toMs } from "../duration.ts";
import { headerOf } from "./outbound.ts";
import type { OutboundResponse } from "./outbound.ts";
import { readRateLimit } from "./rate-limit-fields.ts";

/** How a limit stands by an answer's headers. */
export interface HeaderStanding {
  readonly remaining: number;
  /** When it is all there again, epoch milliseconds; one window ahead where the provider does not say. */
  readonly resetAt: number;
}

/**
 * How a limit stands by the headers that it declares; undefined where they say nothing that can be read. A reset is believed for one window at most: a wrong header must not
 * stop a connection for years.
 */
export function readStanding({ headers, per, requests }: Limit, response: OutboundResponse, now: number): HeaderStanding | undefined {
  if (headers === undefined || per === undefined) return undefined;
  const windowMs = toMs(per);
  const within = (reset: number | undefined): number => Math.max(now, Math.min(reset ?? now + windowMs, now + windowMs));
  if (headers === "RateLimit") {
    const read = readRateLimit(response, { requests, windowMs });
    return read && { remaining: read.remaining, resetAt: within(read.resetMs === undefined ? undefined : now + read.resetMs) };
  }
  if (headers === "X-RateLimit") {
    const remaining = numberIn(headerOf(response, "x-ratelimit-remaining"));
    if (remaining === undefined) return undefined;
    return { remaining, resetAt: within(parseAnyReset(headerOf(response, "x-ratelimit-reset"), now)) };
  }
  const remaining = remainingIn(headers, requests, response);
  if (remaining === undefined) return undefined;
  const { reset } = headers;
  return { remaining, resetAt: within(reset && parseReset(headerOf(response, reset.header.toLowerCase()), reset.form, now)) };
}

function remainingIn(
  { remaining, used, limit }: Exclude<Limit["headers"], string | undefined>,
  requests: number | undefined,
  response: OutboundResponse,
): number | undefined {
  if (remaining !== undefined) return numberIn(headerOf(response, remaining.toLowerCase()));
  if (used === undefined) return undefined;
  const [taken, most] = [
    numberIn(headerOf(response, used.toLowerCase())),
    limit === undefined ? requests : numberIn(headerOf(response, limit.toLowerCase())),
  ];
  return taken === undefined || most === undefined ? undefined : Math.max(0, most - taken);
}

function numberIn(value: string | undefined): number | undefined {
  const text = value?.trim();
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function parseReset(value: string | undefined, form: "epochSeconds" | "deltaSeconds" | "isoDate", now: number): number | undefined {
  if (value === undefined) return undefined;
  const at = form === "isoDate" ? Date.parse(value) : Number(value.trim()) * 1_000 + (form === "deltaSeconds" ? now : 0);
  return Number.isFinite(at) ? at : undefined;
}

/** Nobody ever said whether these are seconds from now, seconds or milliseconds since 1970, or a date; their size tells. */
function parseAnyReset(value: string | undefined, now: number): number | undefined {
  const number = numberIn(value);
  if (number === undefined) return parseReset(value, "isoDate", now);
  if (number > 1e12) return number;
  return number > 1e9 ? number * 1_000 : now + number * 1_000;
}
