/** Why a value stayed as it came. Stable: flags are stored with records. */
export type Flag =
  /** Nothing but spaces and marks that are not seen. */
  | "empty"
  | "email-invalid"
  | "domain-invalid"
  /** No number of any country. */
  | "phone-invalid"
  /** Of the right length, but of no range that is given out; a plan of numbers may have changed since. */
  | "phone-unassigned"
  /** Written as people write it at home, and nothing says where home is. */
  | "phone-country-missing"
  | "country-unknown"
  | "date-invalid"
  /** `03/04/2026` is two days. */
  | "date-ambiguous"
  /** A time of some clock, and nothing says where the clock hangs. */
  | "zone-missing"
  | "zone-unknown"
  | "currency-unknown"
  | "amount-invalid"
  /** More digits behind the point than the currency has. */
  | "amount-too-fine"
  /** More than a number holds exactly. */
  | "amount-too-large";

/** What normalising gives: the one way to write it, or what came, untouched, and why. */
export type Normalised<T> = { readonly value: T } | { readonly raw: string; readonly flag: Flag };

export function flagged(raw: string, flag: Flag): { readonly raw: string; readonly flag: Flag } {
  return { raw, flag };
}
