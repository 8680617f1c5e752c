import { type CountryCode, getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { describe, expect, it } from "vitest";
import { normalisePhone } from "./phone.ts";

// libphonenumber's own example of a mobile number for each country that it knows.
const countries = Object.keys(examples) as CountryCode[];

describe("libphonenumber's examples", () => {
  it("are there for every country", () => expect(countries.length).toBeGreaterThan(230));

  it.each(countries)("%s: every way to write it gives the same number", (country) => {
    const example = getExampleNumber(country, examples);
    if (example === undefined) throw new Error(`No example of ${country}`);
    const expected = { value: example.number };
    expect(normalisePhone(example.number)).toEqual(expected);
    expect(normalisePhone(example.formatInternational())).toEqual(expected);
    expect(normalisePhone(example.formatNational(), { country })).toEqual(expected);
    expect(normalisePhone(example.getURI())).toEqual(expected);
  });
});

it.each([
  // The library's documentation and its demo.
  ["8 (800) 555-35-35", "RU", "+78005553535"],
  ["(213) 373-4253", "US", "+12133734253"],
  ["(213) 373-4253 ext. 1234", "us", "+12133734253;ext=1234"],
  ["tel:+1-213-373-4253;ext=1234", undefined, "+12133734253;ext=1234"],
  ["0044 20 7031 3000", "GB", "+442070313000"],
])("%s in %s is %s", (raw, country, value) => {
  expect(normalisePhone(raw, { country })).toEqual({ value });
  expect(normalisePhone(value)).toEqual({ value });
});

it.each([
  ["", undefined, "empty"],
  ["call me", undefined, "phone-invalid"],
  ["(213) 373-4253", undefined, "phone-country-missing"],
  ["(213) 373-4253", "XX", "phone-country-missing"],
  ["+1 213", undefined, "phone-invalid"],
  ["+1 213 373 4253 000000000", undefined, "phone-invalid"],
  ["+1 111 111 1111", undefined, "phone-unassigned"],
])("%s in %s stays as it is: %s", (raw, country, flag) => {
  expect(normalisePhone(raw, { country })).toEqual({ raw, flag });
});
