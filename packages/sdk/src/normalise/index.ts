/**
 * One way to write what people and providers write in many: names, e-mail addresses, telephone numbers, domains, countries, dates, money.
 *
 * - *normalise*: to give the one way to write it. What cannot be read is given back as it came, `raw`, with a *flag* that says why; it is
 *   never guessed and never dropped.
 *
 * Invariants: what is normalised stays as it is when it is normalised again; nothing a stranger sends makes one of these throw; the
 * same text gives the same value wherever it runs, so nothing here looks at the machine's language or zone.
 *
 * @module
 */
export type { Flag, Normalised } from "./normalised.ts";
export { normaliseName } from "./name.ts";
export { emailKey, normaliseEmail } from "./email.ts";
export { normalisePhone } from "./phone.ts";
export type { PhoneOptions } from "./phone.ts";
export { normaliseDomain } from "./domain.ts";
export { normaliseCountry } from "./country.ts";
export { normaliseDay, normaliseInstant } from "./date.ts";
export type { InstantOptions } from "./date.ts";
export { normaliseTimeZone } from "./zone.ts";
export { digitsOfCurrency, normaliseMinorUnits, normaliseMoney, toDecimal } from "./money.ts";
export type { Money } from "./money.ts";
