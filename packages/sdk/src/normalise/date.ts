import { Temporal } from "temporal-polyfill";
import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";
import { normaliseTimeZone } from "./zone.ts";

export interface InstantOptions {
  /** What a number counts. Default: numbers are not taken. */
  readonly unit?: "seconds" | "milliseconds" | undefined;
  /** Whose clock shows times that are written without an offset; IANA. Default: none, so such times stay as they are. */
  readonly zone?: string | undefined;
}

const instantText = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/;
const localText = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?$/;
const dayText = /^\d{4}-\d{2}-\d{2}$/;
/** As letters of mail and HTTP write it: `Fri, 21 Nov 1997 09:55:06 -0600`. */
const mailText = /^(?:[A-Z][a-z]{2},\s*)?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? (GMT|UTC?|[+-]\d{4})$/;
const slashed = /^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A moment, in UTC with milliseconds: `2026-03-01T12:00:00.000Z`. Reads RFC 3339, the times of ISO 8601 with an offset, those of mail
 * (RFC 5322), and numbers where `unit` says what they count. A day alone is no moment: `normaliseDay` reads it.
 *
 * A time of a zone's clock that was skipped counts as the moment after the change; one that came twice as the first.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.3
 */
export function normaliseInstant(raw: string | number, { unit, zone }: InstantOptions = {}): Normalised<string> {
  const text = String(raw).trim();
  if (text === "") return flagged(String(raw), "empty");
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(text);
  if (isNumber && unit !== undefined) return fromEpoch(text, unit);
  if (slashed.test(text)) return flagged(text, "date-ambiguous");
  if (localText.test(text)) return fromClock(text, zone);
  const written = fromMail(text) ?? (instantText.test(text) ? text.replace(",", ".").replace(/\s(?=[Zz+-])/, "") : undefined);
  const moment = written === undefined ? undefined : attempt(() => Temporal.Instant.from(written.toUpperCase()));
  return moment === undefined ? flagged(text, "date-invalid") : inYears(text, moment);
}

/** A day of the calendar, of no zone: `2026-03-01`. A moment is cut to its day as it is written. */
export function normaliseDay(raw: string): Normalised<string> {
  const text = raw.trim();
  if (text === "") return flagged(raw, "empty");
  if (slashed.test(text)) return flagged(raw, "date-ambiguous");
  const written = dayText.test(text) || instantText.test(text) || localText.test(text) ? text.slice(0, 10) : undefined;
  const day = written === undefined ? undefined : attempt(() => Temporal.PlainDate.from(written, { overflow: "reject" }));
  return day === undefined ? flagged(raw, "date-invalid") : { value: day.toString() };
}

function fromEpoch(text: string, unit: "seconds" | "milliseconds"): Normalised<string> {
  const milliseconds = Math.floor(Number(text) * (unit === "seconds" ? 1_000 : 1));
  const moment = attempt(() => Temporal.Instant.fromEpochMilliseconds(milliseconds));
  return moment === undefined ? flagged(text, "date-invalid") : inYears(text, moment);
}

function fromClock(text: string, zone: string | undefined): Normalised<string> {
  if (zone === undefined) return flagged(text, "zone-missing");
  const known = normaliseTimeZone(zone);
  if (!("value" in known)) return flagged(text, "zone-unknown");
  const moment = attempt(() =>
    Temporal.PlainDateTime.from(text.replace(",", ".").toUpperCase(), { overflow: "reject" }).toZonedDateTime(known.value).toInstant(),
  );
  return moment === undefined ? flagged(text, "date-invalid") : inYears(text, moment);
}

function fromMail(text: string): string | undefined {
  const parts = mailText.exec(text);
  if (parts === null) return undefined;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "00", zone = ""] = parts;
  const number = String(months.indexOf(month) + 1).padStart(2, "0");
  return `${year}-${number}-${day.padStart(2, "0")}T${hour}:${minute}:${second}${/^[+-]/.test(zone) ? zone : "Z"}`;
}

/** RFC 3339 has years of four digits; what lies beyond is a number read in the wrong unit. */
function inYears(raw: string, moment: Temporal.Instant): Normalised<string> {
  const value = new Date(moment.epochMilliseconds).toISOString();
  return /^\d{4}-/.test(value) ? { value } : flagged(raw, "date-invalid");
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // Days that no month has, and times that no day has.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
