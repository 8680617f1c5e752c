import { describe, describeKind } from "../definition/refuse.ts";
import type { Shape } from "../definition/shape.ts";

/** Belay finds messages by these without being told. */
const taken = new Set(["event", "message", "tenant", "trace"]);

const pathRemedy = "Give a dotted path into the payload, such as order.number, or a function of the payload.";

function references(remedy: string, mayCompute: boolean): Shape {
  return (value, field, refuse) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      refuse(field, describeKind(value), 'Give an object of kinds, such as { email: "contact.email" }.');
    for (const [kind, at] of Object.entries(Object(value) as Readonly<Record<string, unknown>>)) {
      const place = `${field}.${kind}`;
      if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(kind))
        refuse(
          place,
          describe(kind),
          "Name the kind by letters and digits, at most 40, starting with a small letter, such as orderNumber.",
        );
      if (taken.has(kind)) refuse(place, describe(kind), "Belay has a kind of this name; name yours after the thing, such as order.");
      const isPath = typeof at === "string" && /^[^.]+(\.[^.]+)*$/.test(at);
      if (!isPath && !(mayCompute && typeof at === "function")) refuse(place, describe(at), remedy);
    }
  };
}

/** What an event's payload is known by. */
export const eventReferences: Shape = references(pathRemedy, true);

/** What a record is known by. */
export const recordReferences: Shape = references("Give a dotted path into the record, such as properties.email.", false);
