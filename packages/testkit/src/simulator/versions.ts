import type { FailureKind, Versions } from "@belay/sdk";
import type { Place } from "./store.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

/** Why the version that a request names is refused; undefined where it is not. A request that names none gets the provider's default. */
export function judgeVersion(versions: Versions | undefined, headers: Headers, place: Place, now: number): FailureKind | undefined {
  if (versions === undefined) return undefined;
  const named = versions.in === "path" ? place["version"] : headerOf(headers, versions.in.header.toLowerCase());
  if (named === undefined) return undefined;
  const known = versions.known.find(({ version }) => version === named);
  if (known === undefined) return "version-unknown";
  return known.sunset !== undefined && Date.parse(known.sunset) <= now ? "version-sunset" : undefined;
}

/** Records live in the same place, whichever version of the API shows them. */
export function withoutVersion({ version: _version, ...place }: Place): Place {
  return place;
}
