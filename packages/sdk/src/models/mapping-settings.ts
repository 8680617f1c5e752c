import { z } from "zod";
import { normaliseCountry, normaliseTimeZone } from "../normalise/index.ts";
import type { MappingSettings } from "./mapping-types.ts";

const known = (normalise: typeof normaliseCountry, message: string): z.ZodType<string> =>
  z.string().refine((text) => "value" in normalise(text), message);

/**
 * The schema of what a tenant may say of a mapping, for `defineSync({ settings: mappingSettings })`: so two tenants with different mappings run
 * the same code.
 */
export const mappingSettings: z.ZodType<MappingSettings> = z.strictObject({
  country: known(normaliseCountry, "Give a country, such as CH.").optional(),
  zone: known(normaliseTimeZone, "Give a time zone, such as Europe/Zurich.").optional(),
  custom: z.record(z.string().regex(/^[A-Za-z]\w{0,62}$/, "Names are letters, digits and _."), z.string().min(1).max(200)).optional(),
});

/** The settings in a context; what does not fit is none, since somebody's own sync may have settings of another kind. */
export function settingsIn(value: unknown): MappingSettings {
  if (value === undefined) return {};
  const result = mappingSettings.safeParse(value);
  return result.success ? result.data : {};
}
