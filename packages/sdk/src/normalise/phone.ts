import { isSupportedCountry, parsePhoneNumberWithError, ParseError } from "libphonenumber-js/max";
import { flagged } from "./normalised.ts";
import type { Flag, Normalised } from "./normalised.ts";

export interface PhoneOptions {
  /** The country (ISO 3166-1 alpha-2) of numbers that are written without theirs. Default: none, so such numbers stay as they are. */
  readonly country?: string | undefined;
}

/**
 * A telephone number in E.164, with its extension as RFC 3966 writes it: `+41446681800;ext=12`.
 *
 * @see https://www.itu.int/rec/T-REC-E.164
 * @see https://www.rfc-editor.org/rfc/rfc3966#section-5.3
 * @see https://github.com/google/libphonenumber whose plans of numbers are used
 */
export function normalisePhone(raw: string, { country }: PhoneOptions = {}): Normalised<string> {
  if (raw.trim() === "") return flagged(raw, "empty");
  const home = country?.toUpperCase();
  try {
    const number = parsePhoneNumberWithError(raw.trim().replace(/^tel:/i, ""), {
      ...(home !== undefined && isSupportedCountry(home) && { defaultCountry: home }),
      extract: false,
    });
    if (!number.isPossible()) return flagged(raw, "phone-invalid");
    if (!number.isValid()) return flagged(raw, "phone-unassigned");
    const { ext } = number;
    return { value: ext === undefined || ext === "" ? number.number : `${number.number};ext=${ext}` };
  } catch (error) {
    // The library throws for what it cannot read; anything else is a mistake of ours.
    if (!(error instanceof ParseError)) throw error;
    return flagged(raw, flags[error.message] ?? "phone-invalid");
  }
}

const flags: Readonly<Record<string, Flag | undefined>> = { INVALID_COUNTRY: "phone-country-missing" };
