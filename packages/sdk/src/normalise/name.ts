import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

/** Spaces of any kind, and marks that nobody sees: they come from copied web pages and make equal names differ. */
const gaps = /[\s\p{Zs}\p{Cc}\u200B\u2060\uFEFF\u00AD]+/gu;

/**
 * One way to write the name of a person or a company: composed characters (NFC), single spaces, none around it.
 *
 * It is never split into given and family name, and its case stays: no rule for either holds for all names.
 *
 * @see https://www.w3.org/International/questions/qa-personal-names
 * @see https://unicode.org/reports/tr15/ NFC
 */
export function normaliseName(raw: string): Normalised<string> {
  const value = raw.normalize("NFC").replace(gaps, " ").trim();
  return value === "" ? flagged(raw, "empty") : { value };
}
