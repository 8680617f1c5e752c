import countries from "i18n-iso-countries";
import english from "i18n-iso-countries/langs/en.json" with { type: "json" };
import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

/** Names in English without regard to case, spaces, points, accents, `the` and short forms of `and` and `Saint`, to their codes. */
const byName = new Map(
  Object.entries<string | string[]>(english.countries).flatMap(([code, names]) => [names].flat().map((name) => [nameKey(name), code])),
);

/**
 * A country as ISO 3166-1 alpha-2: from either code of letters, in any case, or from its name in English.
 *
 * @see https://www.iso.org/iso-3166-country-codes.html
 */
export function normaliseCountry(raw: string): Normalised<string> {
  const text = raw.trim();
  if (text === "") return flagged(raw, "empty");
  const letters = text.toUpperCase();
  const code =
    letters.length === 2 && countries.isValid(letters) ? letters : (countries.alpha3ToAlpha2(letters) ?? byName.get(nameKey(text)));
  return code === undefined ? flagged(raw, "country-unknown") : { value: code };
}

function nameKey(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .replaceAll(/\bst\b/g, "saint")
    .replaceAll(/\bthe\b ?/g, "")
    .trim();
}
