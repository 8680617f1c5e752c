import { personalToken, type PersonalValue } from "../telemetry/index.ts";

/**
 * Puts made-up values in the place of tokens, so that what was valid stays valid, what was not stays so, and what was equal stays equal. A value whose spelling is known keeps its
 * shape: letters stay letters, digits digits.
 *
 * @param values what stood in the place of tokens, where it is known.
 */
export function putPseudonyms(text: string, values: ReadonlyMap<string, PersonalValue>): string {
  const json = /^\s*[[{"]/.test(text);
  const numbers = text.replaceAll(/"(\[number:([0-9a-f]{12})\])"/g, (_all, token: string, digest: string) => {
    const written = values.get(token)?.written;
    return written === undefined ? String(Number.parseInt(digest.slice(0, 6), 16)) : reshape(written, digest);
  });
  return numbers.replaceAll(personalToken, (token, kind: string, digest: string) => {
    const pseudonym = pseudonymOf(kind, digest, values.get(token)?.written) ?? token;
    return json ? JSON.stringify(pseudonym).slice(1, -1) : pseudonym;
  });
}

function pseudonymOf(kind: string, digest: string, written: string | undefined): string | undefined {
  // One that a strict schema refuses must not become one that it takes.
  if (kind === "email" && (written === undefined || /^[\w+'-]+(\.[\w+'-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(written)))
    return `p${digest}@personal.example`;
  if (written !== undefined) return reshape(written, digest);
  if (kind === "phone") return `+1555${String(Number.parseInt(digest, 16) % 10_000_000).padStart(7, "0")}`;
  return undefined;
}

/** The same length, and each letter and digit another of its kind. */
function reshape(written: string, digest: string): string {
  let index = 0;
  return written.replaceAll(/\p{L}|\p{N}/gu, (character) => {
    const drawn = Number.parseInt(digest.charAt(index % digest.length), 16) + index;
    index += 1;
    // Never a zero, which would be another number in front.
    if (/\p{N}/u.test(character)) return String(1 + (drawn % 9));
    const letter = String.fromCharCode(97 + (drawn % 26));
    return /\p{Lu}/u.test(character) ? letter.toUpperCase() : letter;
  });
}
