import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, both, World } from "./__fixtures__/world.ts";
import { mergeSides } from "./index.ts";
import type { ConflictRule, FieldOwner, Fields, SideName } from "./index.ts";
import { isSame } from "./same.ts";

const field = fc.constantFrom("name", "mail", "note");
const value = fc.constantFrom("x", "Y", "z", "", null);
const event = fc.oneof(
  fc.record({ kind: fc.constant("edit" as const), side: fc.constantFrom<SideName>("a", "b"), field, value }),
  fc.record({ kind: fc.constant("run" as const), side: fc.constantFrom<SideName>("a", "b"), cut: fc.boolean() }),
  fc.record({ kind: fc.constant("slip" as const), side: fc.constantFrom<SideName>("a", "b"), field, value }),
);
const withDeletes = fc.oneof(
  { weight: 6, arbitrary: event },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), side: fc.constantFrom<SideName>("a", "b") }) },
);
type Event =
  | { kind: "edit"; side: SideName; field: string; value: unknown }
  | { kind: "run"; side: SideName; cut: boolean }
  | { kind: "slip"; side: SideName; field: string; value: unknown }
  | { kind: "delete"; side: SideName };

const play = (world: World, events: readonly Event[]): World => {
  for (const each of events) {
    if (each.kind === "edit") world.edit(each.side, { [each.field]: each.value });
    else if (each.kind === "delete") world.delete(each.side);
    else if (each.kind === "slip") world.run(each.side, false, { [each.field]: each.value });
    else world.run(each.side, each.cut);
  }
  return world;
};

const longest: ConflictRule = ({ a, b }) => (String(a).length >= String(b).length ? `${String(a)}+` : `${String(b)}+`);
const rule = fc.constantFrom<ConflictRule>("newest", "a", "b", longest);

describe("two sides that are merged", () => {
  test("hear of another's change that the answer to a write is the first to show", () => {
    const world = play(new World(both()), [{ kind: "edit", side: "a", field: "name", value: "Ada" }]);
    world.settle();
    world.edit("a", { mail: "ada@example.com" });
    world.run("b", false, { note: "of somebody else" });
    world.settle();
    expect(world.sides.a?.data).toEqual({ name: "Ada", mail: "ada@example.com", note: "of somebody else" });
    expect(sameFields(world.sides.a!.data!, world.sides.b!.data!)).toBe(true);
  });

  test("come to be the same and are then left alone, whatever was changed at which side and whichever run was cut off", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), rule, (events, conflict) => {
        const world = play(new World(both(conflict)), events);
        expect(world.settle()).toBe(true);
        const { a, b } = world.sides;
        if (a === undefined && b === undefined) return;
        expect(isSame(a?.data, b?.data) || sameFields(a!.data!, b!.data!)).toBe(true);
        const settled = world.writes;
        world.settle();
        expect(world.writes).toBe(settled);
      }),
      { numRuns: 500 },
    );
  });

  test("come to rest also where deletions are among the changes: both have it, or neither", () => {
    fc.assert(
      fc.property(fc.array(withDeletes, { maxLength: 25 }), rule, (events, conflict) => {
        const world = play(new World(both(conflict)), events);
        expect(world.settle()).toBe(true);
        const { a, b } = world.sides;
        const [hasA, hasB] = [a !== undefined && a.data !== null, b !== undefined && b.data !== null];
        expect(hasA).toBe(hasB);
        if (hasA) expect(sameFields(a!.data!, b!.data!)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("come to rest also where each writes values its own way", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        const world = new World(both(), {
          a: (text) => (typeof text === "string" ? text.toUpperCase() : text),
          b: (text) => (typeof text === "string" ? text.toLowerCase() : text),
        });
        const calm = events.map((each) => (each.kind === "run" ? { ...each, cut: false } : each));
        expect(play(world, calm).settle()).toBe(true);
        const { a, b } = world.sides;
        if (a?.data && b?.data) expect(sameFields(lower(a.data), lower(b.data))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("merged again, nothing else comes out", () => {
    fc.assert(
      fc.property(fc.array(withDeletes, { maxLength: 25 }), rule, (events, conflict) => {
        const world = play(new World(both(conflict)), events);
        const input = { a: world.sides.a, b: world.sides.b };
        const once = mergeSides({ state: world.state, ...input }, world.rules);
        const twice = mergeSides({ state: once.state, ...input }, world.rules);
        expect(twice.writes).toEqual(once.writes);
        expect(twice.state).toEqual(once.state);
        expect(twice.resolved).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("differ only in what is held, until somebody decides", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), fc.string({ minLength: 1 }), (events, decision) => {
        const world = play(new World(both("queue")), events);
        expect(world.settle()).toBe(true);
        const { a, b } = world.sides;
        if (!a?.data || !b?.data) return;
        const held = world.state!.held;
        const free = (data: Fields): Fields => Object.fromEntries(Object.entries(data).filter(([name]) => !held.includes(name)));
        expect(sameFields(free(a.data), free(b.data))).toBe(true);
        for (const name of held) expect(isSame(a.data[name], b.data[name])).toBe(false);
        world.decided = Object.fromEntries(held.map((name) => [name, decision]));
        expect(world.settle()).toBe(true);
        expect(world.state!.held).toEqual([]);
        expect(sameFields(world.sides.a!.data!, world.sides.b!.data!)).toBe(true);
        for (const name of held) expect(world.sides.a!.data![name]).toBe(decision);
      }),
      { numRuns: 300 },
    );
  });

  test("of a field that is one side's, that side's value holds", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), fc.constantFrom<FieldOwner>("a", "b"), (events, owner) => {
        const world = new World(both("newest", { ownerOf: (name) => (name === "note" ? owner : "both") }));
        world.edit("a", { name: "1", note: "first" });
        world.settle();
        let said: unknown = "first";
        for (const each of events) {
          const before = world.writes;
          play(world, [each]);
          const happened = each.kind === "edit" || (each.kind === "slip" && world.writes > before);
          if (happened && each.side === owner && each.field === "note") said = each.value;
        }
        expect(world.settle()).toBe(true);
        for (const side of ["a", "b"] as const) expect(isSame(world.sides[side]!.data!["note"], said)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a merge", () => {
  const agreed = (): World => {
    const world = new World(both());
    world.edit("a", { name: "Ada", mail: "ada@example.com" });
    world.settle();
    return world;
  };

  test("writes to the other side only what was changed", () => {
    const world = agreed();
    world.edit("b", { mail: "lovelace@example.com" });
    expect(world.run("a").writes).toMatchObject({ a: { kind: "update", changes: ["mail"] }, b: null });
  });

  test("lets changes of different fields stand side by side, without a conflict", () => {
    const world = agreed();
    world.edit("a", { name: "Ada L." });
    world.edit("b", { mail: "l@example.com" });
    const { resolved, state } = world.run("a");
    expect(resolved).toEqual([]);
    expect(state.base).toEqual({ name: "Ada L.", mail: "l@example.com" });
  });

  test("lets the one that was changed last win, and says what was lost", () => {
    const world = agreed();
    world.edit("a", { name: "first" });
    world.edit("b", { name: "second" });
    const { resolved, writes } = world.run("b");
    expect(resolved).toMatchObject([{ field: "name", a: "first", b: "second", base: "Ada", value: "second" }]);
    expect(writes).toMatchObject({ a: { changes: ["name"] }, b: null });
  });

  test("does not count a write of ours as the side's own change when it asks who was last", () => {
    const world = agreed();
    world.edit("a", { name: "changed at a" });
    world.edit("a", { mail: "new@example.com" });
    world.run("b");
    // The write to b is newer than a's next change by b's own count; b itself has changed nothing.
    world.edit("a", { name: "changed again" });
    expect(world.run("b").resolved).toEqual([]);
    expect(world.sides.b!.data!["name"]).toBe("changed again");
  });

  test("waits for somebody where it cannot be told who was last", () => {
    const world = agreed();
    world.sides.a = at({ ...world.sides.a!.data, name: "one" }, null);
    world.sides.b = at({ ...world.sides.b!.data, name: "two" }, null);
    expect(world.run("a")).toMatchObject({ held: [{ field: "name", a: "one", b: "two" }], writes: { a: null, b: null } });
  });

  test("does not write a decision over what a side has changed since, of which whoever decided knew nothing", () => {
    const world = new World(both("queue"));
    world.edit("a", { name: "Ada" });
    world.settle();
    world.edit("a", { name: "one" });
    world.edit("b", { name: "two" });
    expect(world.run("b")).toMatchObject({ held: [{ a: "one", b: "two" }], reopened: [] });
    world.decided = { name: "one" };
    world.edit("a", { name: "three" });
    expect(world.run("b")).toMatchObject({ held: [{ a: "three", b: "two" }], reopened: ["name"], writes: { a: null, b: null } });
    // Decided about what there is.
    world.decided = { name: "three" };
    expect(world.run("b")).toMatchObject({ held: [], writes: { b: { kind: "update", changes: ["name"] } } });
    expect(world.sides.b!.data!["name"]).toBe("three");
  });

  test("takes a side that has come to what was decided for one that knows of it", () => {
    const world = new World(both("queue"));
    world.edit("a", { name: "Ada" });
    world.settle();
    world.edit("a", { name: "one" });
    world.edit("b", { name: "two" });
    world.run("b");
    world.decided = { name: "both" };
    // The write went out, and nobody heard of it.
    world.run("b", true);
    expect(world.run("b")).toMatchObject({ held: [], writes: { a: { kind: "update", changes: ["name"] }, b: null } });
    expect(world.settle()).toBe(true);
    expect(world.sides.a!.data!["name"]).toBe("both");
  });

  test("knows two that were made at both sides at once as one, and fills in what one side lacks", () => {
    const world = new World(both("a"));
    world.edit("a", { name: "Ada", mail: null });
    world.edit("b", { name: "Ada", mail: "ada@example.com" });
    const { writes, resolved } = world.run("a");
    expect(writes).toMatchObject({ a: { kind: "update", changes: ["mail"] }, b: null });
    expect(resolved).toEqual([]);
  });

  test("follows a deletion, unless the other side has changed it since", () => {
    const followed = agreed();
    followed.delete("a");
    expect(followed.run("b").writes.b).toEqual({ kind: "delete" });
    expect(followed.sides.b!.data).toBeNull();
    const kept = agreed();
    kept.delete("a");
    kept.edit("b", { name: "still needed" });
    expect(kept.run("a").writes.a).toMatchObject({ kind: "create", data: { name: "still needed" } });
  });

  test("follows a deletion also where the other side tells the time of its last change in one answer and not in another", () => {
    const none = { ownerOf: (field: string) => (field === "updatedAt" ? ("each" as const) : ("both" as const)) };
    const rules = { ...both("newest", none), canWrite: (_side: SideName, field: string) => field !== "updatedAt" };
    for (const { edit, kept } of [
      { edit: { updatedAt: "2026-11-22" }, kept: false },
      { edit: { updatedAt: "2026-11-22", name: "Ada L." }, kept: true },
    ]) {
      const world = new World(rules);
      world.edit("a", { name: "Ada" });
      world.settle();
      world.delete("a");
      world.edit("b", edit);
      world.settle();
      expect(world.sides.b?.data !== null).toBe(kept);
    }
  });

  test("undoes what the other side does in a sync of one direction", () => {
    const world = new World(both("a", { ownerOf: () => "a", deletes: "a", creates: "a" }));
    world.edit("a", { name: "Ada" });
    world.settle();
    world.edit("b", { name: "changed there" });
    world.settle();
    expect(world.sides.b!.data).toEqual({ name: "Ada" });
    world.delete("b");
    world.settle();
    expect(world.sides.b!.data).toEqual({ name: "Ada" });
    world.delete("a");
    world.settle();
    expect(world.sides.b!.data).toBeNull();
    const other = new World(world.rules);
    other.edit("b", { name: "only there" });
    other.settle();
    expect(other.sides.a).toBeUndefined();
  });
});

function sameFields(one: Fields, other: Fields): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => isSame(one[name], other[name]));
}

function lower(data: Fields): Fields {
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, typeof text === "string" ? text.toLowerCase() : text]));
}
