import {
  anything,
  choice,
  code,
  duration,
  flag,
  list,
  named,
  number,
  object,
  schema,
  shortOr,
  text,
  variants,
} from "../definition/shape.ts";
import { describeKind } from "../definition/refuse.ts";
import { authShape } from "../auth/auth-shape.ts";
import type { Shape } from "../definition/shape.ts";
import { failureClasses } from "../errors/failure-classes.ts";
import { limitShape } from "./limit-shape.ts";
import { eventReferences, recordReferences } from "./reference-shape.ts";
import { bulkShapes } from "./bulk-shape.ts";
import { changes } from "./changes-shape.ts";
import { bodies, listing, options, parameter, path, query, someText } from "./listing-shape.ts";
import type { ResourceBehaviour, Simulation } from "./simulation.ts";
import type { ConnectorDefinition, ErrorRow, Resource, Webhooks, Wrap } from "./types.ts";

const member: Shape = (value, field, refuse) => {
  if (value !== false) text("Name the member, or write false where there is none.")(value, field, refuse);
};
const scopes = list(someText, "scopes");

const readBack = object({ by: text("Name the field by which the record is found again."), "lag?": duration });
const safety = variants("kind", {
  key: { header: text("Name the provider's header for idempotency keys."), keptFor: duration, "readBack?": readBack },
  readBack: { readBack },
  natural: {},
  once: {},
});

const resource = object<Resource>({
  ...bulkShapes({ options, path, readBack }),
  path: text("Start with a slash.", /^\//),
  "recordPath?": text("Start with a slash.", /^\//),
  id: text("Name the field of the record that holds its id."),
  schema,
  "wrap?": object<Wrap>({ "one?": someText, "many?": someText, "sent?": member }),
  "fieldsIn?": someText,
  "references?": named(text("Name the resource whose id the field holds."), "resources"),
  "knownBy?": recordReferences,
  "scopes?": object({ "read?": scopes, "write?": scopes }),
  "create?": object({ ...options, input: schema, safety }),
  "get?": object(options),
  "update?": object({
    ...options,
    input: schema,
    method: choice("PUT", "PATCH", "POST"),
    safety,
    "returns?": choice("record", "nothing"),
    "whole?": object({ version: text("Name the field that holds the entity tag.") }),
  }),
  "tombstone?": someText,
  "delete?": object(options),
  "find?": object({
    ...options,
    by: list(text("Name a field."), "fields"),
    style: variants("kind", { query: {}, path: { "parameter?": parameter } }),
  }),
  "list?": listing,
  "changes?": changes,
  "bodies?": bodies,
  "personal?": list(path, "fields"),
  "query?": query,
});

const retry: Shape = shortOr(choice("never", "backoff"), object({ afterMs: number("Give milliseconds.", 0) }));
const errorRow = object<ErrorRow>({
  status: number("Give the HTTP status of the answer: 400 to 599, or a 2xx that hides an error.", 200, 599),
  "contains?": someText,
  code: text("Give a stable code in capitals, prefixed by the connector: ZENDESK_RECORD_INVALID.", /^[A-Z][A-Z0-9_]+$/),
  class: choice(...Object.keys(failureClasses)),
  retry,
  "throttled?": flag,
  meaning: text("Say what it means and what to do about it."),
  "answers?": list(someText, "failures"),
  "fields?": list(path, "fields"),
  "example?": anything,
});

const locator = { "header?": someText, "body?": path };
const webhooks = object<Webhooks>({
  scheme: anything,
  maxBytes: number("Give the largest body in bytes.", 1),
  id: shortOr(
    text('Say where the event\'s id is: { body: "id", signed: true }; or write "digest" where the provider gives it none.', /^digest$/),
    object({ ...locator, signed: flag }),
  ),
  type: object(locator),
  "redeliveredFor?": duration,
  events: named(schema, "the schemas of events"),
  "personal?": named(list(path, "fields"), "the personal fields of events"),
  "retries?": anything,
  "subjects?": named(anything, "subjects"),
  "references?": named(eventReferences, "references by event type"),
  "examples?": named(code, "examples"),
});

const simulation = object<Simulation>({
  "resources?": named(
    object<ResourceBehaviour>({
      "unique?": list(someText, "fields"),
      "createdStatus?": number("Give a 2xx status.", 200, 299),
      "id?": code,
      "defaults?": code,
      "computed?": code,
      "revised?": code,
      "deleted?": code,
      "page?": code,
      "refuses?": code,
    }),
    "resources",
  ),
  "authorizations?": code,
  "refuses?": code,
  "headers?": code,
  "replayHeaders?": named(someText, "headers"),
  "etags?": flag,
  "webhookHeaders?": named(someText, "headers"),
  "events?": named(code, "functions by type"),
  "errorBody?": code,
  "request?": code,
  "response?": code,
});

const mapping: Shape = (value, field, refuse) => {
  if (typeof value !== "function" || !("toProvider" in value))
    refuse(field, describeKind(value), "Make it by defineMapping of @belay/sdk/models.");
};

/** Everything that a connector may say. Relations between fields are checked beside it. */
export const connectorShape = object<ConnectorDefinition>({
  id: text("Use lower-case letters, digits and dashes, at most 40, starting with a letter.", /^[a-z][a-z0-9-]{0,39}$/),
  title: text("Give the provider's name as people know it."),
  baseUrl: text("Start with https://.", /^https?:\/\//),
  "check?": text("Give a path below the base URL, with a slash in front.", /^\//),
  "hosts?": list(
    text("Give a host such as files.example.com, or *.example.com for all below one.", /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/),
    "hosts",
  ),
  "redirects?": choice("refuse", "follow"),
  auth: authShape,
  "bodies?": bodies,
  "versions?": object({
    in: shortOr(choice("path"), object({ header: someText })),
    use: text("Name the version that this contract speaks."),
    known: list(object({ version: someText, "sunset?": text("Give a day such as 2028-03-10.") }), "versions"),
  }),
  resources: named(resource, "resources"),
  "mappings?": list(mapping, "mappings"),
  "limits?": list(limitShape, "limits"),
  "errors?": list(errorRow, "error rows"),
  "webhooks?": webhooks,
  "simulator?": simulation,
});
