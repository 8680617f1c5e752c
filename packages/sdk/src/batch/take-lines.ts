import { lineEnds } from "./line-ends.ts";

export interface TakeLines {
  /** Of the first byte of the text. */
  readonly offset: number;
  readonly most: number;
  /** What stands between values that may stand in quotes, where line ends are none; `null`: there are no such. */
  readonly separator: string | null;
}

/** A line, or why it cannot be read: JSON either way. */
export type Line = string | { readonly unread: string };

export interface TakenLines {
  /** Without their ends; empty ones are left out. */
  readonly lines: readonly Line[];
  /** The byte at which the next line begins; `null`: the text is over. */
  readonly next: number | null;
}

const carriageReturn = 13;
const byteOrderMark = [0xef, 0xbb, 0xbf];
/** A line is an item, and an item a message. */
const longestLine = 1_000_000;
/** Lines are kept together or not at all. */
const mostBytes = 4_000_000;

/** Takes the first lines of a text and then closes it. What is in memory is those lines, and what came in one piece with them, however long a line is. */
export async function takeLines(text: AsyncIterable<Uint8Array>, { offset, most, separator }: TakeLines): Promise<TakenLines> {
  const ends = lineEnds(separator);
  const lines: Line[] = [];
  let parts: Uint8Array[] = [];
  /** Bytes of the line that has begun, those included that were let go. */
  let held = 0;
  let taken = offset;
  let seen = 0;
  const hold = (part: Uint8Array): void => {
    held += part.length;
    if (held > longestLine) parts = [];
    else parts.push(part);
  };
  const endLine = (): void => {
    const line = held > longestLine ? { unread: `is longer than ${longestLine} bytes` } : readLine(parts);
    parts = [];
    held = 0;
    if (line !== "") lines.push(line);
  };
  for await (const chunk of text) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      // A byte order mark is no part of the first value, which may begin with a quote.
      if (offset === 0 && seen + at < byteOrderMark.length && byte === byteOrderMark[seen + at]) continue;
      if (!ends.isEnd(byte)) continue;
      hold(chunk.subarray(from, at));
      taken += held + 1;
      endLine();
      from = at + 1;
      if (lines.length === most || taken - offset >= mostBytes) return { lines, next: taken };
    }
    seen += chunk.length;
    if (from < chunk.length) hold(chunk.subarray(from));
  }
  // Else all that follows the quote would be one value.
  if (ends.isOpen()) lines.push({ unread: "begins a value with a quote that nothing closes" });
  else if (held > 0) endLine();
  return { lines, next: null };
}

function readLine(parts: readonly Uint8Array[]): Line {
  const bytes = join(parts);
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  try {
    // What is written in another way would come out as something else, and go on to a provider. The decoder takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end));
  } catch {
    return { unread: "is no text in UTF-8" };
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
