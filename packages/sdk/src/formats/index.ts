/**
 * How bodies are written and read: JSON, forms, multipart, XML, CSV, NDJSON. The client writes and the simulator reads with it, and the
 * other way about.
 *
 * Invariants: nothing in a body is ever executed, expanded or fetched: a DOCTYPE is refused. Time and memory are proportional to the
 * body's length. No error quotes the body.
 *
 * @module
 */
export { decodeBody, encodeBody, resolveBodies } from "./formats.ts";
export type { Bodies, BodyFormat, DeclaredBodies, ResolvedBodies } from "./formats.ts";
export { mediaTypes, refuseOtherType } from "./media-type.ts";
export type { EncodedBody, WireBody } from "./body.ts";
export type { CsvOptions } from "./csv.ts";
export type { FilePart } from "./multipart.ts";
export type { XmlOptions } from "./xml.ts";
export { formatErrors } from "./errors.ts";
