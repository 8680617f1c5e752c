import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawHabits } from "./__fixtures__/draw-habits.ts";
import type { Habits } from "./__fixtures__/model-provider.ts";
import { withPlanted } from "./__fixtures__/plant.ts";
import type { Slip } from "./__fixtures__/plant.ts";
import { walkModel } from "./__fixtures__/walk-model.ts";
import type { Walked, Walks } from "./__fixtures__/walk-model.ts";
import { beginWalk, planWalk, recoverWalk, requestOf, takePage } from "./index.ts";

const walks: Walks = { beginWalk, planWalk, recoverWalk, requestOf, takePage };
const calm: Habits = {
  paging: "offset",
  end: "total",
  order: "oldest",
  records: 60,
  size: 10,
  cap: 10,
  holes: 0,
  lies: 0,
  expiries: 0,
  creates: 0,
  deletes: 0,
  updates: 0,
  burst: 1,
  filter: false,
};
const busy = { creates: 0.6, deletes: 0.6, updates: 0.6 };
const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);
const many = (habits: Partial<Habits>): Walked[] => seeds.map((seed) => walkModel(walks, { ...calm, ...habits }, seed));
const proven = (walked: readonly Walked[]): number => walked.filter(({ end }) => end === "proven").length;

test("whatever a provider does, a proof is never false, and every walk comes to its end", () => {
  fc.assert(
    fc.property(drawHabits, fc.integer({ min: 1, max: 1_000_000 }), (habits, seed) => {
      const walked = walkModel(walks, habits, seed);
      expect(walked.end).not.toBe("endless");
      if (walked.end === "proven") expect(walked.missing).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
});

describe("records that are created and deleted meanwhile", () => {
  test.each([
    ["offset", "total"],
    ["offset", "more"],
    ["page", "total"],
    ["page", "more"],
    ["link-page", "more"],
    ["cursor", "more"],
    ["keyset", "more"],
  ] as const)("cost a walk by %s, its end by %s, neither a record nor its proof", (paging, end) => {
    const walked = many({ paging, end, ...busy });
    expect(walked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(walked.map(({ doubled, passes }) => (passes === 1 ? doubled : 0))).toEqual(walked.map(() => 0));
    expect(proven(walked)).toBeGreaterThanOrEqual(38);
  });

  test("cost a walk from the newest to the oldest nothing either", () => {
    const walked = many({ order: "newest", end: "more", ...busy });
    expect(walked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(proven(walked)).toBeGreaterThanOrEqual(35);
  });

  test("and records that move to the end because they change are read again there", () => {
    const walked = many({ order: "changed", end: "more", ...busy });
    expect(walked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(proven(walked)).toBeGreaterThanOrEqual(35);
  });
});

test("overlaps cost a walk that nothing disturbs few calls", () => {
  for (const paging of ["offset", "page", "link-page"] as const) {
    const [walked] = many({ paging, end: "more", records: 1_000, size: 100, cap: 100 });
    expect(walked).toMatchObject({ end: "proven", records: 1_000, doubled: 0, passes: 1 });
    expect(walked?.pages).toBeLessThanOrEqual(14);
  }
});

describe("what stands against a proof is said", () => {
  test.each([
    ["pages that come empty amid others, where positions count", { holes: 0.3 }, "drifted"],
    ["a listing that ends at a number", { most: 40 }, "capped"],
    ["a total that is wrong", { lies: 1 }, "total-disagrees"],
    ["a keyset in the order of changes", { paging: "keyset", order: "changed" }, "order-changes"],
  ] as const)("%s", (_what, habits, why) => {
    const walked = many(habits);
    expect(walked.filter(({ end, whyNone }) => end === "unproven" && whyNone.includes(why)).length).toBeGreaterThan(20);
    expect(walked.every(({ end }) => end === "proven" || end === "unproven")).toBe(true);
  });

  test("empty pages amid others that a cursor leads over cost nothing", () => {
    expect(proven(many({ paging: "cursor", holes: 0.4, ...busy }))).toBe(40);
  });

  test("a server that gives less than is asked for costs nothing", () => {
    for (const paging of ["offset", "page", "cursor"] as const) {
      const walked = many({ paging, cap: 7 });
      expect(walked.map(({ end, missing }) => [end, missing.length])).toEqual(walked.map(() => ["proven", 0]));
    }
  });
});

describe("a server that gives one record where more is asked for", () => {
  const pagings = ["offset", "page", "link-page"] as const;
  const ends = ["total", "more", "empty"] as const;

  test.each(pagings.flatMap((paging) => ends.map((end) => [paging, end] as const)))(
    "costs a walk by %s, its end by %s, its proof and no record",
    (paging, end) => {
      const walked = many({ paging, end, records: 25, cap: 1 });
      expect(walked.map(({ missing, whyNone }) => [missing.length, whyNone.join()])).toEqual(walked.map(() => [0, "drifted"]));
    },
  );

  test("and proves nothing where the only record that came has gone, and left its place to another", () => {
    const walked = pagings.flatMap((paging) => ends.flatMap((end) => many({ paging, end, records: 2, cap: 1, burst: 2, ...busy })));
    expect(walked.filter((one) => one.end === "proven" && one.missing.length > 0)).toEqual([]);
    expect(proven(walked)).toBeGreaterThan(20);
  });

  test("is not taken for one where there is a single record", () => {
    for (const paging of pagings)
      for (const end of ends) for (const cap of [1, 10]) expect(proven(many({ paging, end, records: 1, cap }))).toBe(40);
  });
});

describe("a cursor that expires", () => {
  test("leads on from the last value of the order, where the provider has a filter for it", () => {
    const walked = many({ paging: "cursor", expiries: 0.3, filter: true, ...busy });
    expect(walked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(walked.every(({ passes }) => passes === 1)).toBe(true);
    expect(proven(walked)).toBe(40);
  });

  test("begins the walk again, where it has not, and loses nothing that was read", () => {
    const walked = many({ paging: "cursor", expiries: 0.1 });
    expect(walked.some(({ passes, end }) => passes > 1 && end === "proven")).toBe(true);
    expect(walked.filter(({ end }) => end === "lost").every(({ whyNone }) => whyNone.includes("cursor-expired"))).toBe(true);
  });

  test("and a search that gives no more than so many goes on beyond them", () => {
    const walked = many({ most: 30, filter: true, order: "changed" });
    expect(walked.map(({ end, missing }) => [end, missing.length])).toEqual(walked.map(() => ["proven", 0]));
  });
});

const takeCounted = "sync/walk/take-counted.ts";
const slips: Readonly<Record<string, readonly Slip[]>> = {
  "the overlap is dropped": [
    {
      file: "sync/walk/seek.ts",
      find: "seek(plan, kept, Math.max(0, state.edge - overlap), undefined)",
      replace: "seek(plan, kept, state.edge, undefined)",
    },
    {
      file: takeCounted,
      find: "before.loose === undefined && page.anchor < 0) return",
      replace: "before.loose === undefined && page.anchor < -1) return",
    },
    { file: takeCounted, find: "const isJoined = start === 0 || anchor >= 0 || !plan.careful;", replace: "const isJoined = true;" },
  ],
  "a short page is taken for the last": [
    { file: takeCounted, find: "return !full && start + keys.length >= sign.total;", replace: "return keys.length < (asked ?? 0);" },
    { file: takeCounted, find: 'return sign.kind === "total" && sign.total !== seen;', replace: "return seen < 0;" },
    { file: takeCounted, find: "keys.length > 1 && keys.length >= before.longest;", replace: "false;" },
  ],
  "an empty page is taken for the end": [
    {
      file: "sync/walk/take-token.ts",
      find: 'if (next.kind === "end") return endWalk(plan, state, fresh, next.by);',
      replace: 'if (next.kind === "end" || keys.length === 0) return endWalk(plan, state, fresh, "end-by-flag");',
    },
  ],
  "ties are left out where a cursor was lost": [
    { file: "sync/walk/recover.ts", find: "from: state.mark,", replace: "from: Number(state.mark) + 1," },
  ],
};

test.each(Object.entries(slips))("a walk with a bug is noticed: %s", async (_name, planted) => {
  const false_ = await withPlanted(planted, (module) => {
    const bugged = module as Walks;
    for (const [index, habits] of fc.sample(drawHabits, { numRuns: 3_000, seed: 7 }).entries()) {
      const walked = walkModel(bugged, habits, index + 1);
      if (walked.end === "proven" && walked.missing.length > 0) return habits;
    }
    return undefined;
  });
  expect(false_).toBeDefined();
});
