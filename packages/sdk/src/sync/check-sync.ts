import type { ResourceReference } from "../connector/resource-reference.ts";
import { describeKind } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { anything, code, duration, list, named, number, object, schema, text } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";

const source: Shape = (value, field, refuse) => {
  if (isObject(value) && "connector" in value && "resource" in value && "schema" in value) return;
  const remedy = "Name a resource of a connector, such as hubspot.contact; a slip in its name gives nothing.";
  refuse(field, describeKind(value), remedy);
};

const target: Shape = (value, field, refuse) => {
  if (isObject(value) && "model" in value && "schema" in value) {
    model(value, field, refuse);
    return;
  }
  refuse(
    field,
    describeKind(value),
    "Name a model, such as unified.contact: { model, schema }; if it is imported, see that the name is exported.",
  );
};

const modelName = text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/);
const model: Shape = (value, field, refuse) => {
  const {
    model: name,
    schema: shape,
    matchOn,
  } = value as { readonly model: unknown; readonly schema: unknown; readonly matchOn?: unknown };
  modelName(name, `${field}.model`, refuse);
  schema(shape, `${field}.schema`, refuse);
  if (matchOn !== undefined) code(matchOn, `${field}.matchOn`, refuse);
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const fraction = number("Give a share from 0 to 1.", 0, 1);

const sync = object({
  id: text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/),
  source,
  target,
  "every?": duration,
  "reconcile?": object({ every: duration, "sample?": fraction }),
  "deletes?": object({ "maxFraction?": fraction, "hold?": duration, "undo?": duration }),
  "settings?": schema,
  "in?": code,
  "filters?": named(anything, "filters"),
  "map?": code,
  "mapping?": text("Give a short text, such as 2.", /^[\w.-]{1,40}$/),
  "version?": code,
  "matchOn?": code,
  "identity?": object({
    rules: list(object({ kind: text("Name a kind of match keys, such as email."), weight: fraction }), "rules"),
    "link?": fraction,
    "review?": fraction,
  }),
});

interface Checked {
  readonly source: Pick<ResourceReference, "connector" | "resource" | "mappings">;
  readonly target: { readonly model: string };
  readonly map?: unknown;
}

/** Everything that is checked about a sync by itself. */
export function checkSync(definition: Checked, refuse: Refuse): void {
  sync(definition, "", refuse);
  const { source: from, target: to, map } = definition;
  if (map !== undefined || from.mappings?.some(({ model: known }) => known.model === to.model) === true) return;
  const remedy = `Write map: (record) => …; connector "${from.connector}" has no mapping of its own from ${from.resource} to ${to.model}.`;
  refuse("map", "nothing", remedy);
}
