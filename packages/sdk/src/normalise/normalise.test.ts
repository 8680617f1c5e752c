import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  normaliseCountry,
  normaliseDay,
  normaliseDomain,
  normaliseEmail,
  normaliseInstant,
  normaliseMoney,
  normaliseName,
  normalisePhone,
  normaliseTimeZone,
  toDecimal,
} from "./index.ts";
import type { Normalised } from "./index.ts";

const day = fc.date({ min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) => date.toISOString());
const digits = fc.stringMatching(/^\+?[0-9 ()-]{4,18}$/);
const spaced = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom("", " ", "\u00A0", "\t"), text, fc.constantFrom("", " ")).map((parts) => parts.join(""));

const cases: Readonly<Record<string, readonly [(raw: string) => Normalised<string>, fc.Arbitrary<string>]>> = {
  name: [normaliseName, fc.string({ unit: "binary" })],
  email: [
    normaliseEmail,
    spaced(
      fc.oneof(
        fc.emailAddress(),
        fc.string({ unit: "grapheme" }).map((text) => `${text}@Example.COM`),
      ),
    ),
  ],
  "quoted email": [normaliseEmail, fc.string({ unit: "grapheme-ascii" }).map((text) => `"${text}"@example.com`)],
  domain: [
    normaliseDomain,
    spaced(
      fc.oneof(
        fc.domain(),
        fc.webUrl({ withFragments: true }),
        fc.domain().map((name) => `www.www.${name}`),
      ),
    ),
  ],
  "telephone number": [(raw) => normalisePhone(raw, { country: "US" }), digits],
  country: [normaliseCountry, fc.oneof(fc.stringMatching(/^[a-zA-Z]{2,3}$/), fc.string())],
  moment: [
    (raw) => normaliseInstant(raw, { zone: "Europe/Zurich" }),
    fc.oneof(
      day,
      day.map((text) => text.slice(0, 19)),
      fc.string(),
    ),
  ],
  day: [
    normaliseDay,
    fc.oneof(
      day,
      day.map((text) => text.slice(0, 10)),
      fc.string(),
    ),
  ],
  "time zone": [normaliseTimeZone, fc.oneof(fc.constantFrom(...Intl.supportedValuesOf("timeZone")), fc.string())],
};

describe.each(Object.entries(cases))("a %s", (_name, [normalise, texts]) => {
  it("stays as it is when it is normalised again, and what cannot be read is kept untouched", () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string()), (raw) => {
        const once = normalise(raw);
        if ("value" in once) expect(normalise(once.value)).toEqual(once);
        // Moments and days are trimmed before they are looked at.
        else expect(once.raw.trim()).toBe(raw.trim());
      }),
      { numRuns: 400 },
    );
  });
});

it("money goes to a decimal number and back without loss", () => {
  const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");
  fc.assert(
    fc.property(fc.maxSafeInteger(), currency, (amount, code) => {
      const money = { amount: amount === 0 ? 0 : amount, currency: code };
      expect(normaliseMoney(toDecimal(money), code)).toEqual({ value: money });
    }),
  );
});

it("a name keeps its case and its parts", () => {
  expect(normaliseName("  Ludwig\u00A0van \u200B Beethoven ")).toEqual({ value: "Ludwig van Beethoven" });
  expect(normaliseName("Rene\u0301 d'ARC")).toEqual({ value: "René d'ARC" });
  expect(normaliseName("\u200B \t")).toEqual({ raw: "\u200B \t", flag: "empty" });
});

it.each([
  ["https://www.Acme.example/about?x=1", "acme.example"],
  ["Acme.Example.", "acme.example"],
  ["shop.acme.example:8080/path", "shop.acme.example"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["www.example", "www.example"],
])("%s is of the domain %s", (raw, value) => expect(normaliseDomain(raw)).toEqual({ value }));

it.each(["acme", "10.0.0.1", "http://[::1]/", "ftp://acme.example", "ada@acme.example", "not a domain", "http://"])(
  "%s is of no domain",
  (raw) => expect(normaliseDomain(raw)).toEqual({ raw, flag: "domain-invalid" }),
);
