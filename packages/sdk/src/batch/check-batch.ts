import { describeKind, type Refuse } from "../definition/refuse.ts";
import { code, duration, object, type Shape, text } from "../definition/shape.ts";

const source: Shape = (value, field, refuse) => {
  const isObject = typeof value === "object" && value !== null;
  if (isObject && "of" in value) {
    const { of } = value;
    if (typeof of === "object" && of !== null && "connector" in of && "resource" in of) return;
    refuse(
      `${field}.of`,
      describeKind(of),
      "Name a resource of a connector, such as listing(hubspot.contact); a slip in its name gives nothing.",
    );
  }
  const isSource = typeof value === "function" || (isObject && "read" in value && "parse" in value);
  if (!isSource) refuse(field, describeKind(value), "Give csv(…), ndjson(…), listing(hubspot.contact), or a function that reads a page.");
};

const target: Shape = (value, field, refuse) => {
  const isOne = typeof value === "object" && value !== null && "events" in value && "baseUrl" in value;
  if (!isOne)
    refuse(field, describeKind(value), "Give a connector made by defineConnector; if it is imported, see that the name is exported.");
};

const batch = object({
  id: text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/),
  over: source,
  to: target,
  "orderKey?": code,
  "every?": duration,
  run: code,
});

/** Everything that is checked about a batch. */
export function checkBatch(definition: unknown, refuse: Refuse): void {
  batch(definition, "", refuse);
}
