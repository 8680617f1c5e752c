import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify, classifyContents, type KeptSide, type ListedSide } from "./classify.ts";
import { discrepancyClasses, discrepancyReasons } from "./types.ts";

const hash = fc.constantFrom("aa", "bb", "cc");
const keys = fc.uniqueArray(fc.constantFrom("k1", "k2", "k3")).map((all) => all.toSorted());
const version = fc.option(fc.integer({ min: 0, max: 3 }));
const listed: fc.Arbitrary<ListedSide> = fc.record({ hash, keys, version });
const kept: fc.Arbitrary<KeptSide> = fc.record({
  hash: fc.option(hash),
  keys,
  version,
  isSameRaw: fc.option(fc.boolean(), { nil: undefined }),
});

describe("a record that the provider lists", () => {
  test("is no discrepancy exactly where it is kept with the same hash and the same keys", () => {
    fc.assert(
      fc.property(listed, fc.option(kept, { nil: undefined }), (ours, theirs) => {
        const isEqual = theirs !== undefined && theirs.hash === ours.hash && String(theirs.keys) === String(ours.keys);
        expect(classify(ours, theirs) === undefined).toBe(isEqual);
      }),
    );
  });

  test("is named by a class and a reason that are known, and mended by writing it", () => {
    fc.assert(
      fc.property(listed, fc.option(kept, { nil: undefined }), (ours, theirs) => {
        const finding = classify(ours, theirs);
        if (finding === undefined) return;
        expect(discrepancyClasses).toContain(finding.class);
        expect(discrepancyReasons).toHaveProperty(finding.why);
        expect(finding.repair).toBe("write");
      }),
    );
  });

  test("is missing exactly where nothing living is kept", () => {
    fc.assert(
      fc.property(listed, fc.option(kept, { nil: undefined }), (ours, theirs) => {
        expect(classify(ours, theirs)?.class === "missing").toBe(theirs === undefined || theirs.hash === null);
      }),
    );
  });

  test("is stale exactly where the provider's is newer, or has changed and nobody counts versions", () => {
    fc.assert(
      fc.property(listed, kept, (ours, theirs) => {
        const isOther = theirs.hash !== null && theirs.hash !== ours.hash;
        const counted = ours.version !== null && theirs.version !== null;
        const isStale = counted ? Number(ours.version) > Number(theirs.version) : theirs.isSameRaw === false;
        expect(classify(ours, theirs)?.class === "stale").toBe(isOther && isStale);
      }),
    );
  });

  test("is judged to be right once it was written as it was listed", () => {
    fc.assert(
      fc.property(listed, (ours) => {
        expect(classify(ours, { ...ours, isSameRaw: true })).toBeUndefined();
      }),
    );
  });

  test.each([
    { of: "an older mapping", changes: { isSameRaw: true }, why: "mapped-otherwise" },
    { of: "a version from the future", changes: { isSameRaw: false, version: 9 }, why: "older-at-provider" },
    { of: "a version that the provider did not raise", changes: { isSameRaw: false }, why: "changed-without-version" },
    { of: "contents that are lost", changes: { isSameRaw: undefined }, why: "contents-unreadable" },
  ])("differs by $of, and says so", ({ changes, why }) => {
    const theirs = { hash: "bb", keys: [], version: 2, ...changes };
    expect(classify({ hash: "aa", keys: [], version: 2 }, theirs)).toEqual({ class: "differing", why, repair: "write" });
  });
});

test("a record that the mapping leaves out is extra only where it is kept", () => {
  const theirs = { keys: [], version: null, isSameRaw: undefined };
  expect(classify(null, { ...theirs, hash: "aa" })).toEqual({ class: "extra", why: "not-ours", repair: "delete" });
  expect(classify(null, { ...theirs, hash: null })).toBeUndefined();
  expect(classify(null, undefined)).toBeUndefined();
});

test("contents that are not what their hash says are found, and those that cannot be read", () => {
  expect(classifyContents('{"a":1}', '{"a":1}')).toBeUndefined();
  expect(classifyContents('{"a":1}', '{"a":2}')).toMatchObject({ class: "differing", why: "contents-differ" });
  expect(classifyContents('{"a":1}', undefined)).toMatchObject({ class: "differing", why: "contents-unreadable" });
});
