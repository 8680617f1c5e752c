import { describe, expect, test } from "vitest";
import { answer } from "./__fixtures__/requests.ts";
import { usedUpUntil } from "./limit-headers.ts";

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
