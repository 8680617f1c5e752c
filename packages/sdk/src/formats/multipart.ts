import { hash } from "node:crypto";
import type { EncodedBody, WireBody } from "./body.ts";
import { unreadable, unwritable } from "./body.ts";
import { flatten, textOfValue, unflatten } from "./form.ts";

/** A file in a multipart body. */
export interface FilePart {
  readonly filename: string;
  /** Default `application/octet-stream`. */
  readonly contentType?: string;
  readonly content: string | Uint8Array;
}

/**
 * Fields as `multipart/form-data`, named as in forms; a value `{ filename, content }` is a file. The boundary is drawn from the
 * content, so that a repeated request is the same to the byte: providers compare it under an idempotency key.
 *
 * @throws `FORMAT_UNWRITABLE` for a name or media type with a line break in it.
 * @see RFC 7578
 */
export function encodeMultipart(fields: unknown): EncodedBody {
  const parts = flatten(fields, isFile).map(([name, value]): Buffer => {
    if (!isFileLike(value)) return Buffer.from(`${disposition(name)}\r\n\r\n${textOfValue(value)}\r\n`);
    const { filename, contentType = "application/octet-stream", content } = value;
    if (/[\r\n]/.test(contentType)) throw unwritable("has a media type with a line break");
    const head = `${disposition(name)}; filename="${escapeName(filename)}"\r\ncontent-type: ${contentType}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from("\r\n")]);
  });
  const boundary = `belay-${hash("sha256", Buffer.concat(parts), "hex").slice(0, 32)}`;
  const delimiter = Buffer.from(`--${boundary}\r\n`);
  const body = Buffer.concat([...parts.flatMap((part) => [delimiter, part]), Buffer.from(`--${boundary}--\r\n`)]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

/**
 * The fields of a `multipart/form-data` body; files as `FilePart` with bytes.
 *
 * @throws `FORMAT_UNREADABLE`
 */
export async function decodeMultipart({ text, bytes, contentType }: WireBody): Promise<unknown> {
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- it keeps all in memory, but no body that comes here is larger than its limit
    const form = await new Response(bytes ? Buffer.from(bytes) : text, { headers: { "content-type": contentType ?? "" } }).formData();
    const pairs = [...form].map(async ([name, value]): Promise<readonly [string, unknown]> => {
      if (typeof value === "string") return [name, value];
      return [name, { filename: value.name, contentType: value.type, content: new Uint8Array(await value.arrayBuffer()) }];
    });
    return unflatten(await Promise.all(pairs));
  } catch {
    throw unreadable("is not multipart/form-data with its boundary");
  }
}

function isFile(value: object): boolean {
  return isFileLike(value);
}

function isFileLike(value: unknown): value is FilePart {
  if (typeof value !== "object" || value === null || !("filename" in value) || !("content" in value)) return false;
  return typeof value.filename === "string" && (typeof value.content === "string" || value.content instanceof Uint8Array);
}

function disposition(name: string): string {
  return `content-disposition: form-data; name="${escapeName(name)}"`;
}

/** As browsers do. @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function escapeName(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
