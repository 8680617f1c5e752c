import type { BelayOptions } from "@belay/server";
import { invalidOption } from "./read-option.ts";

/**
 * The list `BELAY_RETURN_ORIGINS`.
 *
 * @throws `CLI_OPTION_INVALID` saying what to write instead.
 */
export function readReturnOrigins({
  BELAY_RETURN_ORIGINS: origins,
}: Readonly<Record<string, string | undefined>>): Pick<BelayOptions, "returnOrigins"> {
  if (origins === undefined) return {};
  const returnOrigins = origins.split(",").map((origin) => origin.trim());
  const wrong = returnOrigins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined)
    throw invalidOption("BELAY_RETURN_ORIGINS", `takes origins such as https://app.example, separated by commas; one was "${wrong}".`);
  return { returnOrigins };
}
