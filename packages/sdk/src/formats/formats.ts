import type { EncodedBody, WireBody } from "./body.ts";
import { textOf, unwritable } from "./body.ts";
import type { CsvOptions } from "./csv.ts";
import { decodeCsv, encodeCsv } from "./csv.ts";
import { decodeForm, encodeForm } from "./form.ts";
import { decodeJson, decodeNdjson, encodeNdjson } from "./json.ts";
import { mediaTypes } from "./media-type.ts";
import { decodeMultipart, encodeMultipart } from "./multipart.ts";
import type { XmlOptions } from "./xml.ts";
import { decodeXml, encodeXml, xmlEncoding } from "./xml.ts";

/** How a body is written. `text`: as it is; the operations' own code reads and writes what stands in it. */
export type BodyFormat = "json" | "form" | "multipart" | "xml" | "csv" | "ndjson" | "text";

/** What goes there and what comes back, where the short form does not say it. */
export interface Bodies {
  /** How we write. Default `json`. */
  readonly sent?: BodyFormat;
  /** How the provider answers. Default `json`. */
  readonly received?: BodyFormat;
  /** The media type of what we send, where the provider wants one of its own: `application/vnd.api+json`. Default: the format's. */
  readonly contentType?: string;
  readonly xml?: XmlOptions;
  readonly csv?: CsvOptions;
}

/** `form` and `multipart` are answered by JSON; the others by their own kind. */
export type DeclaredBodies = BodyFormat | Bodies;

/** A declaration in full. */
export interface ResolvedBodies extends Bodies {
  readonly sent: BodyFormat;
  readonly received: BodyFormat;
}

/** The first that is declared: the operation's, the resource's, the connector's. Default: JSON both ways. */
export function resolveBodies(...declared: readonly (DeclaredBodies | undefined)[]): ResolvedBodies {
  const found = declared.find((each) => each !== undefined) ?? "json";
  if (typeof found !== "string") return { ...found, sent: found.sent ?? "json", received: found.received ?? "json" };
  return { sent: found, received: found === "form" || found === "multipart" ? "json" : found };
}

/** A value in its format. @throws `FORMAT_UNWRITABLE` */
export function encodeBody(format: BodyFormat, value: unknown, { contentType: own, csv, xml }: Bodies = {}): EncodedBody {
  const contentType = own ?? mediaTypes[format].sent;
  switch (format) {
    case "json":
      return { body: JSON.stringify(value), contentType };
    case "form":
      return { body: encodeForm(value), contentType };
    case "multipart":
      return encodeMultipart(value);
    case "xml":
      return { body: encodeXml(value, xml), contentType };
    case "csv":
      return { body: encodeCsv(value, csv), contentType };
    case "ndjson":
      return { body: encodeNdjson(value), contentType };
    case "text":
      if (typeof value !== "string") throw unwritable("only a text can be written as one");
      return { body: value, contentType };
  }
}

/**
 * The value of a body: of CSV and NDJSON a list, of XML an object with the root as its member. Values are texts in all formats but JSON
 * and NDJSON.
 *
 * @throws `FORMAT_UNREADABLE` saying what is wrong, without a word of the body.
 */
export async function decodeBody(format: BodyFormat, body: WireBody, { csv, xml }: Bodies = {}): Promise<unknown> {
  switch (format) {
    case "json":
      return decodeJson(textOf(body));
    case "form":
      return decodeForm(textOf(body));
    case "multipart":
      return decodeMultipart(body);
    case "xml":
      return decodeXml(textOf(body, xmlEncoding(body.text)), xml);
    case "csv":
      return decodeCsv(textOf(body), csv);
    case "ndjson":
      return [...decodeNdjson(textOf(body))];
    case "text":
      return textOf(body);
  }
}
