import type { EventReference } from "../connector/define-connector.ts";
import { eventReferences } from "../connector/reference-shape.ts";
import { describe, describeKind } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { code, named, object, text } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";

const connector: Shape = (value, field, refuse) => {
  const isOne = typeof value === "object" && value !== null && "events" in value && "baseUrl" in value;
  if (!isOne)
    refuse(field, describeKind(value), "Give a connector made by defineConnector; if it is imported, see that the name is exported.");
};

const events: Shape = (value, field, refuse) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length === 0) refuse(field, "an empty list", "Name at least one declared event, such as github.events.issues.");
  all.forEach((event, index) => {
    const at = Array.isArray(value) ? `${field}.${index}` : field;
    const isEvent = typeof event === "object" && event !== null && "type" in event && "schema" in event;
    if (!isEvent) refuse(at, describeKind(event), "Name a declared event, such as github.events.issues; a slip in its name gives nothing.");
  });
};

const flow = object({
  id: text("Use lower-case letters, digits and dashes, at most 80, starting with a letter.", /^[a-z][a-z0-9-]{0,79}$/),
  on: events,
  to: connector,
  "connections?": named(connector, "further connectors"),
  "orderKey?": code,
  "version?": code,
  "references?": eventReferences,
  run: code,
});

/** Everything that is checked about a flow. */
export function checkFlow(definition: { readonly on: EventReference | readonly EventReference[] }, refuse: Refuse): void {
  flow(definition, "", refuse);
  const connectors = [...new Set([definition.on].flat().map((event) => event.connector))];
  if (connectors.length > 1)
    refuse("on", `events of ${connectors.map(describe).join(" and ")}`, "All events must be of one connector; write a flow for each.");
}
