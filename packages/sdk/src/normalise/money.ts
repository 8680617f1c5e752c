import currencies from "currency-codes";
import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

/** An amount in the smallest unit of its currency: `{ amount: 1234, currency: "EUR" }` is 12.34 euros, of JPY 1,234 yen. */
export interface Money {
  /** A whole number, exact. */
  readonly amount: number;
  /** ISO 4217, three capitals. */
  readonly currency: string;
}

const digitsOf = new Map(currencies.data.map(({ code, digits }) => [code, digits]));
const decimal = /^([+-]?)(\d+)(?:\.(\d*))?$/;

/**
 * How many digits of a currency stand behind the point; undefined for what is no currency.
 *
 * @see https://www.six-group.com/en/products-services/financial-information/data-standards.html ISO 4217, list one
 */
export function digitsOfCurrency(currency: string): number | undefined {
  return digitsOf.get(currency.toUpperCase());
}

/**
 * Money from a decimal number and a currency: `normaliseMoney("12.34", "eur")`. A point, and nothing else, separates; what groups digits is not
 * taken, since `1.234` is one and a quarter here and a thousand there. Zeros beyond what the currency has are taken off, other digits never.
 */
export function normaliseMoney(amount: string | number, currency: string): Normalised<Money> {
  const raw = `${amount} ${currency}`;
  const code = currency.trim().toUpperCase();
  const digits = digitsOf.get(code);
  if (digits === undefined) return flagged(raw, "currency-unknown");
  const parts = decimal.exec(String(amount).trim());
  if (parts === null) return flagged(raw, "amount-invalid");
  const [, sign, whole = "", fraction = ""] = parts;
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > digits) return flagged(raw, "amount-too-fine");
  return minor(raw, Number(`${whole}${kept.padEnd(digits, "0")}`) * (sign === "-" ? -1 : 1), code);
}

/** Money from what a provider counts in the smallest unit already. */
export function normaliseMinorUnits(amount: number, currency: string): Normalised<Money> {
  const raw = `${amount} ${currency}`;
  const code = currency.trim().toUpperCase();
  return digitsOf.has(code) ? minor(raw, amount, code) : flagged(raw, "currency-unknown");
}

/** As people write it: `12.34`; for providers that want decimal numbers. */
export function toDecimal({ amount, currency }: Money): string {
  const digits = digitsOf.get(currency) ?? 0;
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  const sign = amount < 0 ? "-" : "";
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function minor(raw: string, amount: number, currency: string): Normalised<Money> {
  if (!Number.isInteger(amount)) return flagged(raw, "amount-invalid");
  // Beyond 2^53 neighbours fall together. Minus zero is zero.
  return Number.isSafeInteger(amount) ? { value: { amount: amount === 0 ? 0 : amount, currency } } : flagged(raw, "amount-too-large");
}
