import { describe, expect, it } from "vitest";
import { digitsOfCurrency, normaliseMinorUnits, normaliseMoney, toDecimal } from "./money.ts";

// ISO 4217, list one: the currencies whose minor unit is not a hundredth.
const exceptions = {
  0: ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"],
  3: ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"],
  4: ["CLF", "UYW"],
} as const;
const others = ["EUR", "USD", "CHF", "GBP", "MGA", "MRU", "TWD", "HUF", "AFN"];

describe("ISO 4217", () => {
  it.each(Object.entries(exceptions))("%s digits", (digits, codes) => {
    for (const code of codes) expect([code, digitsOfCurrency(code)]).toEqual([code, Number(digits)]);
  });

  it("two digits for all others", () => {
    for (const code of others) expect([code, digitsOfCurrency(code)]).toEqual([code, 2]);
  });
});

it.each([
  ["12.34", "eur", 1_234, "EUR"],
  ["12", "EUR", 1_200, "EUR"],
  ["12.5", "EUR", 1_250, "EUR"],
  ["12.500", "EUR", 1_250, "EUR"],
  ["-0.01", "USD", -1, "USD"],
  ["-0", "USD", 0, "USD"],
  ["1234", "JPY", 1_234, "JPY"],
  ["1234.00", "JPY", 1_234, "JPY"],
  ["1.234", "KWD", 1_234, "KWD"],
  ["0.1", "CLF", 1_000, "CLF"],
  ["90071992547409.91", "USD", 9_007_199_254_740_991, "USD"],
  [0.1 + 0.7, "XTS", undefined, "amount-too-fine"],
  ["12.345", "EUR", undefined, "amount-too-fine"],
  ["1,234.50", "EUR", undefined, "amount-invalid"],
  ["", "EUR", undefined, "amount-invalid"],
  ["1e3", "EUR", undefined, "amount-invalid"],
  ["90071992547409.92", "USD", undefined, "amount-too-large"],
  ["1", "EURO", undefined, "currency-unknown"],
])("%s %s", (amount, currency, minor, rest) => {
  const known = currency === "XTS" ? "USD" : currency;
  const expected = minor === undefined ? { raw: `${amount} ${known}`, flag: rest } : { value: { amount: minor, currency: rest } };
  expect(normaliseMoney(amount, known)).toEqual(expected);
});

it("goes back to the decimal number it came from", () => {
  expect(toDecimal({ amount: 1_234, currency: "EUR" })).toBe("12.34");
  expect(toDecimal({ amount: -5, currency: "EUR" })).toBe("-0.05");
  expect(toDecimal({ amount: 1_234, currency: "JPY" })).toBe("1234");
  expect(toDecimal({ amount: 1, currency: "KWD" })).toBe("0.001");
});

it("takes what is counted in minor units as it is", () => {
  expect(normaliseMinorUnits(1_999, "usd")).toEqual({ value: { amount: 1_999, currency: "USD" } });
  expect(normaliseMinorUnits(19.99, "usd")).toEqual({ raw: "19.99 usd", flag: "amount-invalid" });
});
