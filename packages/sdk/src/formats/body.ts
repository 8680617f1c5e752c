import { BelayError } from "../errors/belay-error.ts";

/** A body as it came over the wire. */
export interface WireBody {
  /** Decoded as UTF-8; broken sequences are replaced. */
  readonly text: string;
  /** The bytes themselves; without them another encoding than UTF-8 cannot be read. */
  readonly bytes?: Uint8Array | undefined;
  readonly contentType?: string | undefined;
}

/** A body that is ready to leave. */
export interface EncodedBody {
  readonly body: string | Uint8Array;
  readonly contentType: string;
}

/** How deeply values may be nested in a body; people need ten. */
export const deepest = 200;

export function unreadable(what: string): BelayError {
  // The parsers' own errors are not passed on as cause: they quote the body.
  return new BelayError("FORMAT_UNREADABLE", what);
}

export function unwritable(what: string): BelayError {
  return new BelayError("FORMAT_UNWRITABLE", what);
}

/**
 * The text of a body in its own encoding, without a byte order mark. Where nobody names an encoding it is UTF-8.
 *
 * `declared`: what the body itself says about its encoding, as XML may.
 *
 * @throws `FORMAT_UNREADABLE` when a byte sequence is not valid in that encoding, or the encoding is unknown.
 */
export function textOf({ text, bytes, contentType }: WireBody, declared?: string): string {
  const charset = bomOf(bytes) ?? /;\s*charset="?([\w.:-]+)/i.exec(contentType ?? "")?.[1] ?? declared ?? "utf-8";
  const isUtf8 = /^utf-?8$|^us-ascii$/i.test(charset);
  // The replacement character may be in the text itself, so only the bytes can tell.
  if (isUtf8 && !text.includes("\uFFFD")) return text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (bytes === undefined) return text;
  const decoder = decoderOf(charset);
  try {
    return decoder.decode(bytes);
  } catch {
    throw unreadable(`is not valid ${charset.toUpperCase()}`);
  }
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw unreadable(`has the unknown character encoding "${charset.slice(0, 40)}"`);
  }
}

function bomOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes?.[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
