import { isDuration, toMs } from "../../../duration.ts";
import { httpError } from "../../errors.ts";
import { memberOf } from "../decode-record.ts";

/** Answers are kept for so long. */
const longestMs = toMs("1d");

/** How old a read's answer may be; undefined where it says nothing, and the provider is asked. @throws `CLIENT_INPUT_INVALID` */
export function readMaxAge(label: string, options: unknown): number | undefined {
  const given = memberOf(options, "maxAge");
  if (given === undefined) return undefined;
  if (isDuration(given) && toMs(given) <= longestMs) return toMs(given);
  throw httpError("CLIENT_INPUT_INVALID", `${label}, maxAge: give a duration of at most a day, such as "5m".`, {
    details: { paths: ["maxAge"] },
  });
}
