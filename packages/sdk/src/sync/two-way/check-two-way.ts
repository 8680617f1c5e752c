import { describeKind, type Refuse } from "../../definition/refuse.ts";
import { choice, code, list, object, text } from "../../definition/shape.ts";
import type { Shape } from "../../definition/shape.ts";
import type { TwoWaySide } from "./define-two-way.ts";
import { mappingOf } from "./rules-of.ts";
import type { SideName } from "./types.ts";

const sync: Shape = (value, field, refuse) => {
  const isSync = typeof value === "object" && value !== null && "source" in value && "target" in value && "id" in value;
  if (!isSync) refuse(field, describeKind(value), "Give a sync made by defineSync; if it is imported, see that the name is exported.");
};

const side = object({ sync, "write?": code, "writable?": list(text("Name a field."), "fields") });

const owner = choice("a", "b", "both", "each");
const sideName = choice("a", "b");
const rule = choice("newest", "a", "b", "queue");

const ownership: Shape = (value, field, refuse) => {
  if (typeof value !== "object" || value === null) return sideName(value, field, refuse);
  for (const [name, whose] of Object.entries(value)) if (whose !== undefined) owner(whose, `${field}.${name}`, refuse);
  return undefined;
};

const conflict: Shape = (value, field, refuse) => {
  if (typeof value !== "function") rule(value, field, refuse);
};

const shape = object({
  id: text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/),
  a: side,
  b: side,
  "own?": ownership,
  "conflict?": conflict,
  "deletes?": choice("a", "b", "both", "none"),
});

/** The sides that are written to: all but the one whose the record is. */
export function writtenSides({ own }: { readonly own?: unknown }): readonly SideName[] {
  return own === "a" ? ["b"] : own === "b" ? ["a"] : ["a", "b"];
}

interface Checked {
  readonly a: Pick<TwoWaySide<never>, "sync" | "write">;
  readonly b: Pick<TwoWaySide<never>, "sync" | "write">;
  readonly own?: unknown;
}

/** Everything that is checked about a two-way sync by itself. */
export function checkTwoWay(definition: Checked, refuse: Refuse): void {
  shape(definition, "", refuse);
  const { a, b } = definition;
  if (a.sync.id === b.sync.id) refuse("b.sync", `"${b.sync.id}", which is side a`, "Name the sync of the other system.");
  if (a.sync.source.connector === b.sync.source.connector)
    refuse("b.sync", "the same connector as side a", "The sides are told apart by their connectors: give the other system one of its own.");
  if (a.sync.target.model !== b.sync.target.model)
    refuse("b.sync", `model "${b.sync.target.model}"`, `Map both to one model, as side a does to "${a.sync.target.model}".`);
  for (const name of ["a", "b"] as const) {
    const { id, identity } = definition[name].sync;
    if (identity !== undefined) continue;
    const remedy = "Say in that sync how records of both sides are recognised: identity: standardRules, of @belay/sdk/identity.";
    refuse(`${name}.sync`, `"${id}", which has no identity`, remedy);
  }
  for (const name of writtenSides(definition)) {
    const { sync: of, write } = definition[name];
    if (write === undefined && mappingOf(of) === undefined)
      refuse(`${name}.write`, "nothing", "Say how this side is written: ({ name }) => ({ name }), or map it with defineMapping.");
  }
}
