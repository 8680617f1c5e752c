import fc from "fast-check";
import { expect, test } from "vitest";
import { Rotation, type Want } from "./rotation.ts";

const wants = (...list: readonly (readonly [string, number, number?])[]): Map<string, Want> =>
  new Map(list.map(([key, most, weight = 1]) => [key, { most, weight }]));

test("deals equal parts to equals, however much each wants", () => {
  const rotation = new Rotation(4);
  const total = { a: 0, b: 0, c: 0 };
  for (let round = 0; round < 100; round += 1)
    for (const [key, dealt] of rotation.deal(10, wants(["a", 1_000], ["b", 20], ["c", 50]))) total[key as keyof typeof total] += dealt;
  expect(total.a + total.b + total.c).toBe(1_000);
  for (const each of Object.values(total)) expect(Math.abs(each - 333)).toBeLessThanOrEqual(8);
});

test("deals in proportion to weights, also where a round has room for one only", () => {
  const rotation = new Rotation(4);
  const total = { heavy: 0, light: 0, feather: 0 };
  for (let round = 0; round < 3_250; round += 1)
    for (const [key, dealt] of rotation.deal(1, wants(["heavy", 9, 3], ["light", 9], ["feather", 9, 0.25])))
      total[key as keyof typeof total] += dealt;
  expect(total.heavy / total.light).toBeCloseTo(3, 1);
  expect(total.light / total.feather).toBeCloseTo(4, 0);
});

test("gives what one does not want to the others, and saves nothing up for it", () => {
  const rotation = new Rotation(4);
  expect(Object.fromEntries(rotation.deal(100, wants(["a", 1_000], ["b", 3])))).toEqual({ a: 97, b: 3 });
  for (let round = 0; round < 50; round += 1) rotation.deal(10, wants(["a", 1_000]));
  const back = rotation.deal(10, wants(["a", 1_000], ["b", 1_000]));
  expect(back.get("b")).toBeLessThanOrEqual(6);
});

test("never deals more than there is or than somebody wants, and leaves nothing over that somebody wants", () => {
  const want = fc.record({ most: fc.integer({ min: 1, max: 40 }), weight: fc.double({ min: 0.01, max: 50, noNaN: true }) });
  const rounds = fc.array(
    fc.record({ room: fc.integer({ min: 0, max: 100 }), wants: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), want) }),
  );
  fc.assert(
    fc.property(rounds, (list) => {
      const rotation = new Rotation(4);
      for (const { room, wants: asked } of list) {
        const map = new Map(Object.entries(asked));
        const dealt = rotation.deal(room, map);
        for (const [key, share] of dealt) expect(share).toBeLessThanOrEqual(map.get(key)?.most ?? 0);
        const sum = [...dealt.values()].reduce((all, each) => all + each, 0);
        const wanted = [...map.values()].reduce((all, { most }) => all + most, 0);
        expect(sum).toBe(Math.min(room, wanted));
      }
    }),
    { numRuns: 200 },
  );
});
