import { describe, expect, test } from "vitest";
import { answer } from "./__fixtures__/requests.ts";
import type { Limit, LimitHeaders } from "../connector/limit.ts";
import { readStanding } from "./limit-headers.ts";
import type { OutboundResponse } from "./outbound.ts";

/** Until when nothing is left; undefined while there is room. */
function usedUpUntil([limit]: readonly Limit[], response: OutboundResponse, at: number): number | undefined {
  const standing = limit && readStanding(limit, response, at);
  return standing !== undefined && standing.remaining < 1 ? standing.resetAt : undefined;
}

const now = Date.UTC(2026, 2, 1);
const limit = (form: "epochSeconds" | "deltaSeconds" | "isoDate") =>
  [{ requests: 10, per: "1h", headers: { remaining: "X-Left", reset: { header: "X-Reset", form } } }] as const;

describe("a limit with nothing left", () => {
  test.each([
    ["epochSeconds", String(now / 1_000 + 60)],
    ["deltaSeconds", "60"],
    ["isoDate", new Date(now + 60_000).toISOString()],
  ] as const)("is used up until its reset, given as %s", (form, reset) => {
    expect(usedUpUntil(limit(form), answer(200, { "x-left": "0", "x-reset": reset }), now)).toBe(now + 60_000);
  });

  test("is believed for one window at most, and for a window without a reset that can be read", () => {
    for (const reset of ["9999999", "soon", ""])
      expect(usedUpUntil(limit("deltaSeconds"), answer(200, { "x-left": "0", "x-reset": reset }), now)).toBeGreaterThanOrEqual(now);
    expect(usedUpUntil(limit("deltaSeconds"), answer(200, { "x-left": "0", "x-reset": "9999999" }), now)).toBe(now + 3_600_000);
    expect(usedUpUntil(limit("epochSeconds"), answer(200, { "x-left": "0" }), now)).toBe(now + 3_600_000);
    expect(usedUpUntil(limit("epochSeconds"), answer(200, { "x-left": "0", "x-reset": "5" }), now)).toBe(now);
  });
});

test("a limit with room, and one that says nothing, holds nobody up", () => {
  for (const headers of [{ "x-left": "1", "x-reset": "60" }, {}, { "x-left": "many" }])
    expect(usedUpUntil(limit("deltaSeconds"), answer(200, headers), now)).toBeUndefined();
});

describe("headers that many providers share", () => {
  const read = (headers: LimitHeaders | "RateLimit" | "X-RateLimit", answered: Record<string, string>) =>
    readStanding({ requests: 100, per: "1h", headers }, answer(200, answered), now);

  test.each([
    ["RateLimit", { ratelimit: '"default";r=12;t=90' }],
    ["RateLimit", { ratelimit: "limit=100, remaining=12, reset=90" }],
    ["RateLimit", { "ratelimit-limit": "100", "ratelimit-remaining": "12", "ratelimit-reset": "90" }],
    ["X-RateLimit", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": "90" }],
    ["X-RateLimit", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": String(now / 1_000 + 90) }],
    ["X-RateLimit", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": String(now + 90_000) }],
    ["X-RateLimit", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": new Date(now + 90_000).toISOString() }],
  ] as const)("%s: %o", (headers, answered) => {
    expect(read(headers, answered)).toEqual({ remaining: 12, resetAt: now + 90_000 });
  });

  test("of several policies the one of the limit's size counts, else the one with the least left", () => {
    const ratelimit = '"burst";r=3;t=5, "hour";r=80;t=1200';
    expect(read("RateLimit", { ratelimit, "ratelimit-policy": '"burst";q=10;w=60, "hour";q=100;w=3600' })).toMatchObject({ remaining: 80 });
    expect(read("RateLimit", { ratelimit })).toMatchObject({ remaining: 3 });
  });

  test("what was used tells what remains, by the limit in force", () => {
    expect(read({ used: "X-Used", limit: "X-Limit" }, { "x-used": "30", "x-limit": "50" })).toMatchObject({ remaining: 20 });
    expect(read({ used: "X-Used" }, { "x-used": "30" })).toMatchObject({ remaining: 70 });
  });

  test("a header that cannot be read says nothing", () => {
    for (const answered of [{}, { ratelimit: "soon" }, { "ratelimit-remaining": "-" }, { "x-ratelimit-remaining": "many" }])
      for (const headers of ["RateLimit", "X-RateLimit"] as const) expect(read(headers, answered)).toBeUndefined();
  });
});
