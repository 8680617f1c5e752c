import { expect, test } from "vitest";
import { both, World } from "./__fixtures__/world.ts";

test("makes a record anew with what its side had said of it, so that its silence does not empty the other side", () => {
  const rules = both("newest", { ownerOf: (name) => (name === "note" ? "a" : "both"), deletes: "b" });
  const world = new World(rules);
  world.edit("a", { name: "Ada", note: "of a alone" });
  world.settle();
  world.delete("a");
  world.settle();
  expect(world.sides.a!.data).toEqual({ name: "Ada", note: "of a alone" });
  expect(world.sides.b!.data).toEqual({ name: "Ada", note: "of a alone" });
  // Also where the other side has another value by the time at which it is made anew.
  world.delete("a");
  world.run("b");
  world.edit("b", { note: "not for b to say" });
  world.run("b", true);
  world.settle();
  expect(world.sides.a!.data).toEqual({ name: "Ada", note: "of a alone" });
  expect(world.sides.b!.data).toEqual({ name: "Ada", note: "of a alone" });
  const cannot = new World({ ...rules, canWrite: (side, name) => side !== "a" || name !== "note" });
  cannot.edit("a", { name: "Ada", note: "of a alone" });
  cannot.settle();
  cannot.delete("a");
  expect(cannot.run("b").writes.a).toEqual({ kind: "create", data: { name: "Ada" } });
});

test("knows what a side had said of a record also where it was to be deleted at the other, and that side turns out to have changed it", () => {
  const world = new World(both("newest", { ownerOf: (name) => (name === "note" ? "a" : "both") }));
  world.edit("a", { name: "Ada", note: "of a alone" });
  world.settle();
  world.delete("a");
  expect(world.run("a").writes).toEqual({ a: null, b: { kind: "delete" } });
  world.edit("b", { name: "Ada L.", note: "not for b to say" });
  world.settle();
  for (const side of ["a", "b"] as const) expect(world.sides[side]!.data).toEqual({ name: "Ada L.", note: "of a alone" });
  // What is gone at both sides leaves nothing behind.
  world.delete("a");
  world.settle();
  expect(world.sides.b!.data).toBeNull();
  expect(JSON.stringify(world.state)).not.toContain("of a alone");
});

test("makes a record anew as it was given, and not in the way of the side that has kept it", () => {
  const world = new World(both(), { b: (text) => (typeof text === "string" ? text.toUpperCase() : text) });
  world.edit("a", { name: "Ada", mail: "ada@example.com", note: "first" });
  world.settle();
  world.delete("a");
  world.edit("b", { note: "SECOND" });
  world.run("b");
  // Also where it is merged once more before it is made, as it is where it has to be looked for first.
  world.run("a", true);
  world.settle();
  expect(world.sides.a!.data).toEqual({ name: "Ada", mail: "ada@example.com", note: "SECOND" });
  expect(world.sides.b!.data).toEqual({ name: "ADA", mail: "ADA@EXAMPLE.COM", note: "SECOND" });
});

test("makes a record anew with what the side that deleted it had changed before, and tells the other of it", () => {
  const world = new World(both());
  world.edit("a", { name: "Ada", mail: "ada@example.com" });
  world.settle();
  world.edit("a", { name: "Ada L." });
  world.run("a");
  world.delete("a");
  world.edit("b", { mail: "l@example.com" });
  world.settle();
  expect(world.sides.a!.data).toEqual({ name: "Ada L.", mail: "l@example.com" });
  expect(world.sides.b!.data).toEqual({ name: "Ada L.", mail: "l@example.com" });
});
