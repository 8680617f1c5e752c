import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../connector/types.ts";
import { nextWalkOf } from "../changes/index.ts";
import { withPlanted } from "../walk/__fixtures__/plant.ts";
import type { Slip } from "../walk/__fixtures__/plant.ts";
import { keepEqual } from "./__fixtures__/history-model.ts";
import type { History, Sources } from "./__fixtures__/history-model.ts";
import { openSource } from "./index.ts";

const sources: Sources = { nextWalkOf, openSource };
const drawHistory: fc.Arbitrary<History> = fc.record({
  changesBy: fc.constantFrom("field", "token"),
  tellsDeletions: fc.boolean(),
  stepMs: fc.constantFrom(1, 1_000),
  lagMs: fc.constantFrom(0, 2_000),
  aheadMs: fc.constantFrom(0, 1_500),
  rounds: fc.integer({ min: 1, max: 12 }),
});

test("a copy that is kept by walks is equal to the provider after any history", () => {
  let incremental = 0;
  fc.assert(
    fc.property(drawHistory, fc.integer({ min: 1, max: 1_000_000 }), (history, seed) => {
      const kept = keepEqual(sources, history, seed);
      incremental += kept.incremental;
      expect(kept.wrong).toEqual([]);
    }),
    { numRuns: 600 },
  );
  expect(incremental).toBeGreaterThan(1_000);
});

const watermark = "sync/changes/watermark.ts";
const slips: Readonly<Record<string, Slip>> = {
  "the watermark advances to now": {
    file: "sync/source/open-source.ts",
    find: ": advanceWatermark(before, state.newestMs, startedAtMs);",
    replace: ": startedAtMs + 10_000;",
  },
  "nothing older than the watermark is read again": {
    file: watermark,
    find: "(watermarkMs - lookbackMs)",
    replace: "(watermarkMs + stepMs)",
  },
  "the walk's own beginning is no bound of the watermark": {
    file: watermark,
    find: "Math.min(newestMs, startedAtMs)",
    replace: "newestMs + 4_000",
  },
};

test.each(Object.entries(slips))("a sync with a bug is noticed: %s", async (_name, slip) => {
  const found = await withPlanted([slip], (module) =>
    fc
      .sample(drawHistory, { numRuns: 1_500, seed: 3 })
      .some((history, index) => keepEqual(module as Sources, history, index + 1).wrong.length > 0),
  );
  expect(found).toBe(true);
});

describe("a source", () => {
  const resource = {
    path: "/things",
    id: "id",
    list: { paging: { kind: "cursor", parameter: "after", next: "next" }, filters: { since: { field: "at", test: "atLeast" } } },
    changes: {
      by: { kind: "field", field: "at", filter: "since" },
      deleted: { path: "/things/deleted", paging: { kind: "none" }, id: "thing" },
    },
  } as unknown as Resource;

  test("reads changes, and after them the listing of what was deleted", () => {
    const source = openSource(resource, { kind: "incremental", sinceMs: Date.parse("2026-03-01T12:05:00Z") });
    const begun = source.begin();
    expect(source.ask(begun).request).toEqual({ kind: "parameters", parameters: { since: "2026-03-01T12:00:00.000Z" } });
    const record = { id: "a", at: "2026-03-01T12:06:00Z" };
    const changed = source.take(begun, { records: [record], answer: { ids: ["a"], body: {} } });
    expect(changed).toMatchObject({ kind: "more", entries: [{ kind: "record", record }] });
    if (changed.kind !== "more") throw new Error(changed.kind);
    expect(source.ask(changed.state).listing.path).toBe("/things/deleted");
    const deleted = source.take(changed.state, { records: [{ thing: 7 }, { other: 1 }], answer: { ids: ["7", ""], body: {} } });
    expect(deleted).toMatchObject({ kind: "end", entries: [{ kind: "deleted", id: "7" }], proof: { covers: "changes", pages: 2 } });
    if (deleted.kind !== "end") throw new Error(deleted.kind);
    const startedAtMs = Date.parse("2026-03-01T13:00:00Z");
    expect(deleted.progress({ fullAtMs: 1, watermarkMs: 2 }, startedAtMs)).toEqual({
      fullAtMs: 1,
      walkedAtMs: startedAtMs,
      watermarkMs: Date.parse("2026-03-01T12:06:00Z"),
    });
  });

  test("hears of what is gone also where the listing of everything names it", () => {
    const list = { paging: { kind: "cursor", parameter: "after", next: "next" } };
    const by = { kind: "token", parameter: "token", next: "token" };
    const tombstone = { at: "gone", is: [true] };
    const book = { ...resource, list, changes: { by, tombstone } } as unknown as Resource;
    const entries = [{ id: "a" }, { id: "b", gone: true }];
    const page = { records: entries, answer: { ids: ["a", "b"], body: { token: "t2" } } };
    const everything = openSource(book, { kind: "first" });
    expect(everything.take(everything.begin(), page)).toMatchObject({
      entries: [
        { kind: "record", record: { id: "a" } },
        { kind: "deleted", id: "b" },
      ],
    });
    // What no column takes is nobody's id here; with it the page could not be kept, nor any page behind it.
    const odd = ["a\0b", "", "x".repeat(600), "\ud800"].map((id) => ({ id, gone: true }));
    expect(everything.take(everything.begin(), { ...page, records: odd })).toMatchObject({ entries: [] });
    // In a listing of its own, what the changes call a tombstone is a field like others.
    const apart = { ...book, changes: { by, tombstone, list: { ...list, path: "/changes" } } } as unknown as Resource;
    const records = openSource(apart, { kind: "first" });
    expect(records.take(records.begin(), page)).toMatchObject({ entries: [{ kind: "record" }, { kind: "record" }] });
  });

  test("has everything read when its token is refused, and goes on otherwise when a cursor is", () => {
    const byToken = { ...resource, changes: { by: { kind: "token", parameter: "token", next: "token" } } } as Resource;
    const source = openSource(byToken, { kind: "incremental", token: "t1" });
    const begun = source.begin();
    expect(source.ask(begun).request).toEqual({ kind: "parameters", parameters: { token: "t1" } });
    expect(source.recover(begun).kind).toBe("refused");
    const more = source.take(begun, { records: [{ id: "a" }], answer: { ids: ["a"], body: { next: "c1" } } });
    if (more.kind !== "more") throw new Error(more.kind);
    const recovered = source.recover(more.state);
    expect(recovered.kind).toBe("more");
    expect(source.ask(recovered.state).request).toEqual(source.ask(begun).request);
  });

  test("gives a record again that comes again among changes: it has changed since it was read", () => {
    const byToken = { ...resource, changes: { by: { kind: "token", parameter: "token", next: "token" } } } as Resource;
    const source = openSource(byToken, { kind: "incremental", token: "t1" });
    const once = { id: "a", name: "changed" };
    const more = source.take(source.begin(), { records: [once, { id: "b" }], answer: { ids: ["a", "b"], body: { next: "c1" } } });
    if (more.kind !== "more") throw new Error(more.kind);
    const again = { id: "a", name: "as before" };
    const end = source.take(more.state, { records: [again, { id: "c" }], answer: { ids: ["a", "c"], body: { token: "t2" } } });
    expect(end).toMatchObject({ kind: "end", entries: [{ record: again }, { record: { id: "c" } }] });
  });

  test("keeps its position where a walk through changes proves nothing", () => {
    const narrowed = {
      ...resource,
      list: { ...resource.list, most: 1 },
      changes: { by: { kind: "field", field: "at", filter: "since" } },
    } as Resource;
    const source = openSource(narrowed, { kind: "incremental", sinceMs: 0 });
    const taken = source.take(source.begin(), { records: [{ id: "a", at: "2026-03-01T12:06:00Z" }], answer: { ids: ["a"], body: {} } });
    expect(taken).toMatchObject({ kind: "end", proof: undefined, whyNone: ["capped"] });
    if (taken.kind !== "end") throw new Error(taken.kind);
    expect(taken.progress({ watermarkMs: 5 }, 10)).toEqual({ watermarkMs: 5 });
  });

  test("goes on from where it was after a walk through everything that proves nothing: what it has missed, and what was deleted before it, the changes still tell", () => {
    const startedAtMs = Date.parse("2026-03-01T13:00:00Z");
    const progressOf = (changes: object, position: object, most?: number): object => {
      const of = { ...resource, list: { ...resource.list, ...(most && { most }) }, changes } as unknown as Resource;
      const source = openSource(of, { kind: "full", why: "due" });
      const page = { records: [{ id: "a", at: "2026-03-01T12:59:00Z" }], answer: { ids: ["a"], body: { token: "new" } } };
      const taken = source.take(source.begin(), page);
      if (taken.kind !== "end") throw new Error(taken.kind);
      expect(taken.proof === undefined).toBe(most !== undefined);
      return taken.progress(position, startedAtMs);
    };
    const byToken = { by: { kind: "token", parameter: "token", next: "token" }, tombstone: { at: "gone", is: [true] }, keptFor: "7d" };
    const before = { fullAtMs: startedAtMs - 9_000, walkedAtMs: startedAtMs - 5_000, token: "old", tokenAtMs: startedAtMs - 5_000 };
    expect(progressOf(byToken, before, 1)).toEqual({ ...before, fullAtMs: startedAtMs });
    expect(progressOf(byToken, before)).toMatchObject({ token: "new", provenAtMs: startedAtMs });
    // A token that the provider does not take any more leads nowhere, nor does one that is too old.
    expect(progressOf(byToken, { ...before, tokenRefused: true }, 1)).toMatchObject({ token: "new" });
    expect(progressOf(byToken, { ...before, tokenAtMs: startedAtMs - 6.9 * 86_400_000 }, 1)).toMatchObject({ token: "new" });
    const byField = { by: { kind: "field", field: "at", filter: "since" }, tombstone: { at: "gone", is: [true] } };
    const watermarkMs = Date.parse("2026-03-01T12:00:00Z");
    expect(progressOf(byField, { ...before, watermarkMs }, 1)).toMatchObject({ watermarkMs, walkedAtMs: before.walkedAtMs });
    expect(progressOf(byField, before, 1)).toMatchObject({ watermarkMs: before.fullAtMs, fullAtMs: startedAtMs });
    expect(progressOf(byField, { ...before, watermarkMs })).toMatchObject({ watermarkMs: Date.parse("2026-03-01T12:59:00Z") });
  });
});
