import type { Reference } from "@belay/sdk";

/** The longest value that something is found by, in characters. */
const longest = 512;

/**
 * A value as it is compared: `Ada@Acme.example` and `ada@acme.example` are one address, `+49 30 1234` and `0049-30-1234` one number; of all else only the white space around it
 * does not count. `undefined` where nothing is left, or too much.
 */
export function normalize({ kind, value }: Reference): string | undefined {
  if (value.length > longest || !value.isWellFormed()) return undefined;
  const text = value.trim().normalize("NFC");
  const same = kind === "email" ? text.toLowerCase() : kind === "phone" ? digitsOf(text) : text;
  return same === "" ? undefined : same;
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, "").replace(/^00/, "");
}

/** What a text may be that somebody looks for without saying of which kind it is. */
export function candidates(text: string, kinds: readonly string[]): Reference[] {
  return kinds.filter((kind) => kind !== "email" || text.includes("@")).map((kind) => ({ kind, value: text }));
}
