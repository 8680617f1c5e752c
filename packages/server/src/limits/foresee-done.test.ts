import { expect, test } from "vitest";
import { foreseeDone } from "./foresee-done.ts";
import { tellBudget, type ToldBudget } from "./tell-budget.ts";
import { emptyBudget } from "./types.ts";

const noon = Date.UTC(2026, 2, 1, 12);

/** A budget of which nothing is used yet. */
const unused = (requests: number, perMs: number, endpoint?: string): ToldBudget =>
  tellBudget(
    {
      key: "connection:a",
      tenant: "acme",
      limits: [{ requests, perMs, concurrent: Number.POSITIVE_INFINITY }],
      ...(endpoint !== undefined && { endpoint }),
    },
    emptyBudget,
    "acme",
    noon,
  );

test("what waits is done when the tightest limit has let it through", () => {
  expect(foreseeDone([unused(10, 10_000), unused(1_000, 60_000)], 100, noon)).toBe(noon + 90_000);
});

test("what fits into what remains is done now", () => {
  expect(foreseeDone([unused(10, 10_000)], 10, noon)).toBe(noon);
});

test("the limit of one endpoint, or of what is under way at once, says nothing of it", () => {
  expect(foreseeDone([unused(1, 3_600_000, "POST /search"), unused(Number.POSITIVE_INFINITY, 1_000)], 100, noon)).toBeNull();
});
