import { getCountries } from "libphonenumber-js/max";
import countries from "i18n-iso-countries";
import { expect, it } from "vitest";
import { normaliseCountry } from "./country.ts";

const codes = Object.entries(countries.getAlpha2Codes());
// By the runtime's CLDR, another source than the table's.
const names = new Intl.DisplayNames("en", { type: "region" });

it("reads all of ISO 3166-1 by both codes", () => {
  expect(codes.length).toBeGreaterThanOrEqual(249);
  for (const [alpha2, alpha3] of codes) {
    expect(normaliseCountry(alpha2)).toEqual({ value: alpha2 });
    expect(normaliseCountry(alpha3.toLowerCase())).toEqual({ value: alpha2 });
  }
});

it("knows every country that has telephones, but for those that ISO 3166 only reserves", () => {
  const reserved = new Set(["AC", "TA", "XK"]);
  const unknown = getCountries().filter((code) => !("value" in normaliseCountry(code)));
  expect(unknown.filter((code) => !reserved.has(code))).toEqual([]);
});

it("reads the names that CLDR has for countries, nearly all", () => {
  const other = codes.map(([code]) => code).filter((code) => !("value" in normaliseCountry(names.of(code) ?? "")));
  // Those whose long names differ: they stay as they came.
  expect(other.length).toBeLessThan(30);
  for (const [code] of codes) {
    const found = normaliseCountry(names.of(code) ?? "");
    if ("value" in found) expect(found.value).toBe(code);
  }
});

it.each([
  ["usa", "US"],
  ["United States", "US"],
  ["CÔTE D'IVOIRE", "CI"],
  [" Switzerland ", "CH"],
])("%s is %s", (raw, value) => expect(normaliseCountry(raw)).toEqual({ value }));

it("keeps what is no country", () => {
  expect(normaliseCountry("Atlantis")).toEqual({ raw: "Atlantis", flag: "country-unknown" });
  expect(normaliseCountry("  ")).toEqual({ raw: "  ", flag: "empty" });
  expect(normaliseCountry("XX")).toEqual({ raw: "XX", flag: "country-unknown" });
});
