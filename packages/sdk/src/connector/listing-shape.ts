import { anything, choice, code, either, list, named, number, object, shortOr, text, variants } from "../definition/shape.ts";
import type { ListOperation } from "./listing.ts";

export const someText = text("Give a text.");
export const path = text("Give a dotted path into the answer, such as meta.next.");
export const parameter = text("Name the query parameter.");
export const query = named(someText, "query parameters");

const formats = choice("json", "form", "multipart", "xml", "csv", "ndjson", "text");
export const bodies = shortOr(
  formats,
  object({
    "sent?": formats,
    "received?": formats,
    "contentType?": text("Give a media type, such as application/vnd.api+json.", /^[\w.+-]+\/[\w.+-]+/),
    "xml?": object({
      "attributes?": choice("keep", "drop"),
      "lists?": list(someText, "element names"),
      "namespaces?": named(someText, "namespaces by prefix"),
    }),
    "csv?": object({ "delimiter?": text("Give one character.", /^[^"\r\n]$/) }),
  }),
);

/** What every operation may say. */
export const options = { "bodies?": bodies, "request?": code, "response?": code };

const end = either({ total: object({ total: path }), more: object({ more: path }), emptyPage: object({ emptyPage: choice(true) }) });
const paging = variants("kind", {
  offset: { parameter, end },
  page: { parameter, "first?": choice(0, 1), end },
  cursor: { parameter, next: path, "more?": path },
  keyset: { parameter, more: path, "back?": parameter },
  link: { "path?": path, "page?": parameter },
  none: {},
});
const order = {
  by: text("Name a field of the record."),
  "direction?": choice("ascending", "descending"),
  "fixed?": choice(true),
};

/** What a listing may say, wherever it stands. */
export const listingMembers = {
  ...options,
  paging,
  "body?": anything,
  "size?": object({
    parameter,
    default: number("Give a number from 1 to max.", 1),
    max: number("Give the largest page that the provider gives, at least 1.", 1),
  }),
  "filters?": named(
    object({
      "field?": path,
      "test?": choice("equals", "atLeast", "above", "atMost", "below", "includesAll"),
      "member?": path,
      "default?": someText,
      "all?": someText,
    }),
    "filters",
  ),
  "order?": object(order),
  "orders?": named(object({ ...order, query }), "orders"),
  "query?": query,
  "most?": number("Give the most records that a listing has, at least 1.", 1),
};

export const listing = object<ListOperation>(listingMembers);
