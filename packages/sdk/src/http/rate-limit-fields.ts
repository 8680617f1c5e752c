import { headerOf } from "./outbound.ts";
import type { OutboundResponse } from "./outbound.ts";

/** What a `RateLimit` field says of one limit. */
interface RateLimitItem {
  readonly remaining: number;
  readonly resetMs?: number;
}

/**
 * Reads the `RateLimit` fields of the IETF draft: `RateLimit: "hour";r=12;t=90` with `RateLimit-Policy: "hour";q=100;w=3600`; of its older forms
 * `RateLimit: limit=100, remaining=12, reset=90`, and `RateLimit-Remaining` with `RateLimit-Reset`. Of several policies the one of this size counts, else the one with the least left.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function readRateLimit(
  response: OutboundResponse,
  limit: { readonly requests: number | undefined; readonly windowMs: number },
): RateLimitItem | undefined {
  const field = headerOf(response, "ratelimit");
  if (field === undefined) return older(headerOf(response, "ratelimit-remaining"), headerOf(response, "ratelimit-reset"));
  const remaining = /(?:^|[,;\s])remaining=(\d+)/.exec(field);
  if (remaining !== null) return older(remaining[1], /(?:^|[,;\s])reset=(\d+)/.exec(field)?.[1]);
  const policies = new Map(itemsOf(headerOf(response, "ratelimit-policy") ?? "").map(({ name, of }) => [name, of]));
  const standings = itemsOf(field).flatMap(({ name, of }) => {
    const left = of.get("r");
    if (left === undefined) return [];
    const policy = policies.get(name);
    const fits = policy !== undefined && policy.get("q") === limit.requests && (policy.get("w") ?? 0) * 1_000 === limit.windowMs;
    const reset = of.get("t");
    return [{ fits, item: { remaining: left, ...(reset !== undefined && { resetMs: reset * 1_000 }) } }];
  });
  const own = standings.find(({ fits }) => fits) ?? standings.toSorted((a, b) => a.item.remaining - b.item.remaining)[0];
  return own?.item;
}

/** The members of a list of strings with parameters, numbers only. @see RFC 9651, section 3.1 */
function itemsOf(field: string): { readonly name: string; readonly of: ReadonlyMap<string, number> }[] {
  return [...field.matchAll(/"([^"]*)"((?:\s*;\s*[a-z][a-z0-9_-]*=[^;,]+)*)/g)].map(([, name = "", parameters = ""]) => ({
    name,
    of: new Map(
      [...parameters.matchAll(/;\s*([a-z][a-z0-9_-]*)=(\d+(?:\.\d+)?)/g)].map(([, key = "", value = ""]) => [key, Number(value)]),
    ),
  }));
}

function older(remaining: string | undefined, reset: string | undefined): RateLimitItem | undefined {
  if (remaining === undefined || !/^\s*\d+\s*$/.test(remaining)) return undefined;
  return { remaining: Number(remaining), ...(reset !== undefined && /^\s*\d+\s*$/.test(reset) && { resetMs: Number(reset) * 1_000 }) };
}
