/** Deeper nesting than any provider sends; it would only serve to exhaust the stack of whoever walks it. */
const deepest = 100;

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export type ParsedBody = { readonly value: unknown } | { readonly problem: string };

/** Reads bytes as strict UTF-8 and JSON (RFC 8259). Never throws; the problem is a sentence for the sender. */
export function parseBody(body: Uint8Array): ParsedBody {
  if (body.byteLength === 0) return { problem: "The body is empty." };
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return { problem: "The body is not valid UTF-8." };
  }
  if (opensMoreThan(body, deepest) && nestsDeeperThan(text, deepest)) return { problem: `The body nests deeper than ${deepest} levels.` };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "The body is not valid JSON." };
  }
}

/** Whoever nests so deep has at least as many brackets; to look for the first hundred costs next to nothing. */
function opensMoreThan(body: Uint8Array, limit: number): boolean {
  let count = 0;
  for (const bracket of [openBrace, openBracket]) {
    for (let at = body.indexOf(bracket); at >= 0 && count <= limit; at = body.indexOf(bracket, at + 1)) count += 1;
  }
  return count > limit;
}

function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === backslash) index += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return false;
}
