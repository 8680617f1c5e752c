import { choice, duration, list, named, number, object, schema, text, variants } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";
import { describe } from "../definition/refuse.ts";
import type { BulkKind, BulkOutcomes } from "./bulk.ts";

/** What stands in other operations too. */
interface Shared {
  readonly options: Readonly<Record<string, Shape>>;
  readonly path: Shape;
  readonly readBack: Shape;
}

const member = text("Name the member of the item.");
const status = number("Give an HTTP status, 400 to 599.", 400, 599);

/** `false` or a duration: `true` would not say how long. */
const collect: Shape = (value, field, refuse) => {
  if (value !== false) duration(value, field, refuse);
};

/** What many people write first, and why it cannot hold. */
const unsafe: Readonly<Record<string, string>> = {
  key: "A key of the call is worth nothing to an item that is sent again among others. Name the member of each item that carries its own key (itemKey), or say how each is read back (readBack).",
  once: "A lost answer would leave a person with every item of the call. Say how each is read back (readBack), or leave the bulk operation out.",
};

export function bulkShapes({ options, path, readBack }: Shared): Readonly<Record<`${BulkKind}Many?`, Shape>> {
  const known = variants("kind", { itemKey: { member, keptFor: duration, "readBack?": readBack }, readBack: { readBack }, natural: {} });
  const safety: Shape = (value, field, refuse) => {
    const { kind } = Object(value) as { readonly kind?: unknown };
    const remedy = typeof kind === "string" && Object.hasOwn(unsafe, kind) ? unsafe[kind] : undefined;
    if (remedy !== undefined) refuse(`${field}.kind`, describe(kind), remedy);
    known(value, field, refuse);
  };
  const match = matchShape(path);
  const outcomes = object<BulkOutcomes>({
    "results?": path,
    match,
    "record?": path,
    "refused?": object({ at: path, is: constant }),
    "errors?": object({ in: path, match: oneOrMore(match) }),
    "status?": object({ at: path, "values?": named(status, "statuses") }),
  });
  const many = {
    ...options,
    path: text("Start with a slash.", /^\//),
    "method?": choice("POST", "PUT", "PATCH"),
    most: number("Give the most items that a call may have, at least 2.", 2),
    "mostBytes?": number("Give the most bytes that a call may have.", 1),
    "items?": path,
    "item?": object({ "id?": member, "token?": member, "constants?": named(constant, "members") }),
    outcomes,
    safety,
    "collect?": collect,
  };
  return {
    "createMany?": object(many),
    "updateMany?": object(many),
    "upsertMany?": object({ ...many, input: schema, by: text("Name the unique field of the input.") }),
  };
}

const constant: Shape = (value, field, refuse) => {
  if (!["string", "number", "boolean"].includes(typeof value)) refuse(field, describe(value), "Give a text, a number, true or false.");
};

function oneOrMore(one: Shape): Shape {
  const several = list(one, "ways to tell");
  return (value, field, refuse) => (Array.isArray(value) ? several : one)(value, field, refuse);
}

function matchShape(path: Shape): Shape {
  const ways: Readonly<Record<string, Shape>> = {
    index: object({ index: path }),
    token: object({ token: path }),
    field: object({ field: text("Name the field of the input."), at: path }),
  };
  return (value, field, refuse) => {
    if (value === "position") return;
    const way = Object.keys(ways).find((name) => typeof value === "object" && value !== null && Object.hasOwn(value, name));
    const shape = way === undefined ? undefined : ways[way];
    if (shape === undefined) return refuse(field, describe(value), 'Write "position", { index }, { token } or { field, at }.');
    return shape(value, field, refuse);
  };
}
