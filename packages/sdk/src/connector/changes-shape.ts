import { anything, choice, duration, list, object, text, variants } from "../definition/shape.ts";
import type { Changes, DeletedListing, PlacedListing } from "./changes.ts";
import { listingMembers, parameter, path } from "./listing-shape.ts";

const field = {
  field: path,
  filter: parameter,
  "format?": choice("iso", "iso-seconds", "seconds", "milliseconds"),
  "granularity?": duration,
  "lookback?": duration,
};
const placed = { ...listingMembers, "path?": text("Start with a slash.", /^\//), "many?": path };

/** What a resource may say of its changes. */
export const changes = object<Changes>({
  by: variants("kind", { field, token: { parameter, next: path } }),
  "list?": object<PlacedListing>(placed),
  "entry?": object({ record: path, id: path }),
  "tombstone?": object({ at: path, is: list(anything, "values") }),
  "deleted?": object<DeletedListing>({
    ...placed,
    "id?": path,
    "since?": object({ kind: choice("field"), ...field }),
    "keptFor?": duration,
  }),
  "keptFor?": duration,
  "hints?": list(text("Name a type of webhooks.events."), "event types"),
});
