import { deepest, lineAt, unreadable } from "./body.ts";

/**
 * A JSON text.
 *
 * @throws `FORMAT_UNREADABLE` when it is none, or is nested more deeply than 200 levels: what walks over it would run out of stack.
 * @see RFC 8259
 */
export function decodeJson(text: string): unknown {
  refuseDepth(text);
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("is not JSON");
  }
}

/**
 * The values of an NDJSON text, a line each, parsed as they are asked for. Empty lines are passed over.
 *
 * @throws `FORMAT_UNREADABLE` naming the line that is no JSON.
 * @see https://github.com/ndjson/ndjson-spec
 */
export function* decodeNdjson(text: string): Generator<unknown, void, undefined> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? text.length : end).trim();
    if (line !== "") yield decodeLine(line, text, start);
    start = end === -1 ? text.length : end + 1;
  }
}

function decodeLine(line: string, text: string, start: number): unknown {
  try {
    return decodeJson(line);
  } catch {
    throw unreadable(`is not NDJSON in line ${lineAt(text, start + 1)}`);
  }
}

/** A line per value. */
export function encodeNdjson(values: unknown): string {
  const lines = Array.isArray(values) ? values : [values];
  return lines.map((value) => `${JSON.stringify(value)}\n`).join("");
}

function refuseDepth(text: string): void {
  if (text.length <= deepest * 2) return;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) throw unreadable(`is nested more deeply than ${deepest} levels`);
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
}
