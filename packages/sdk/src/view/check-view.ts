import { describeKind, type Refuse } from "../definition/refuse.ts";
import { list, named, object, type Shape, text } from "../definition/shape.ts";

const model: Shape = (value, field, refuse) => {
  const isModel = typeof value === "object" && value !== null && "model" in value && "schema" in value;
  if (!isModel)
    refuse(field, describeKind(value), "Name a model, such as unified.contact; if it is imported, see that the name is exported.");
};

const preference = list(text("Name a connection or a connector by its id."), "ids");

const view = object({
  id: text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/),
  of: model,
  "fields?": named(preference, "fields"),
  "otherwise?": preference,
});

/** Everything that is checked about a view. */
export function checkView(definition: unknown, refuse: Refuse): void {
  view(definition, "", refuse);
}
