import fc from "fast-check";
import type { Habits } from "./model-provider.ts";

/**
 * Providers that a walk has to cope with. Two things no walk could see through are left out: a server that lies about its total and gives one record a
 * page where it is asked for more, so that no page overlaps another; and one that both lies about its total and serves empty pages amid others, of which
 * either alone is there.
 */
export const drawHabits: fc.Arbitrary<Habits> = fc
  .record({
    paging: fc.constantFrom("offset", "page", "link-page", "cursor", "keyset", "none"),
    end: fc.constantFrom("total", "more", "empty"),
    order: fc.constantFrom("oldest", "newest", "changed"),
    records: fc.integer({ min: 0, max: 80 }),
    size: fc.integer({ min: 3, max: 20 }),
    capped: fc.option(fc.integer({ min: 1, max: 8 })),
    holes: fc.constantFrom(0, 0, 0, 0.3),
    lies: fc.constantFrom(0, 0, 0.5, 1),
    expiries: fc.constantFrom(0, 0, 0.1),
    creates: fc.constantFrom(0, 0.3, 0.8),
    deletes: fc.constantFrom(0, 0.3, 0.8),
    updates: fc.constantFrom(0, 0.3, 0.8),
    burst: fc.constantFrom(1, 3, 12),
    filter: fc.boolean(),
    most: fc.option(fc.integer({ min: 20, max: 60 })),
  } as const)
  .map(({ capped, most, ...drawn }): Habits => {
    const counts = drawn.paging === "offset" || drawn.paging === "page" || drawn.paging === "link-page";
    return {
      ...drawn,
      // The provider's sign of the end is the empty page: then it sends none amid others.
      holes: drawn.end === "empty" && counts ? 0 : drawn.holes,
      lies: drawn.holes > 0 || capped === 1 || drawn.end !== "total" ? 0 : drawn.lies,
      cap: Math.min(drawn.size, capped ?? drawn.size),
      ...(most !== null && { most }),
    };
  });
