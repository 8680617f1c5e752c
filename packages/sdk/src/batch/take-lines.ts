export interface TakeLines {
  /** Of the first byte of the text. */
  readonly offset: number;
  readonly most: number;
  /** Whether a line end inside of double quotes is none. */
  readonly quotes: boolean;
}

export interface TakenLines {
  /** Without their ends; empty ones are left out. */
  readonly lines: readonly string[];
  /** The byte at which the next line begins; `null`: the text is over. */
  readonly next: number | null;
}

const [lineFeed, carriageReturn, quote] = [10, 13, 34];

/** Takes the first lines of a text and then closes it. What is in memory is those lines, and what came in one piece with them. */
export async function takeLines(text: AsyncIterable<Uint8Array>, { offset, most, quotes }: TakeLines): Promise<TakenLines> {
  const decoder = new TextDecoder();
  const lines: string[] = [];
  let parts: Uint8Array[] = [];
  let taken = offset;
  let inQuotes = false;
  const endLine = (last: Uint8Array): void => {
    const bytes = join([...parts, last]);
    parts = [];
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    // A byte order mark, which the decoder takes away, stands at the beginning of the text only.
    const line = decoder.decode(bytes.subarray(0, end));
    if (line !== "") lines.push(line);
  };
  for await (const chunk of text) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (quotes && chunk[at] === quote) inQuotes = !inQuotes;
      if (chunk[at] !== lineFeed || inQuotes) continue;
      taken += at + 1 - from + lengthOf(parts);
      endLine(chunk.subarray(from, at));
      from = at + 1;
      if (lines.length === most) return { lines, next: taken };
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) endLine(new Uint8Array(0));
  return { lines, next: null };
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
