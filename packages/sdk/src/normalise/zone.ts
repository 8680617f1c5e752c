import { flagged } from "./normalised.ts";
import type { Normalised } from "./normalised.ts";

/**
 * A time zone by its name in the IANA database, in its own spelling: `europe/zurich` is `Europe/Zurich`; an offset is `+02:00`.
 * Names that the database keeps for old times' sake become those in use where the runtime knows them.
 *
 * @see https://www.iana.org/time-zones
 */
export function normaliseTimeZone(raw: string): Normalised<string> {
  const text = raw.trim();
  if (text === "") return flagged(raw, "empty");
  try {
    const zone = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
    return { value: zone === "Etc/UTC" || zone === "Etc/GMT" || zone === "GMT" ? "UTC" : zone };
  } catch {
    // It throws a RangeError for a name it does not know, and has no other way to ask.
    return flagged(raw, "zone-unknown");
  }
}
