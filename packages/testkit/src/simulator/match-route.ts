import { recordPathOf } from "@belay/sdk";
import type { BulkKind, PlacedListing } from "@belay/sdk";
import type { ResourceModel } from "./resource-model.ts";

/** What a path means to the provider's API: a resource's collection, one record of it, or calls for many. */
export interface RouteMatch {
  readonly model: ResourceModel;
  /** What the path says about where the records live: `{ owner: "acme", repo: "app" }`. */
  readonly place: Readonly<Record<string, string>>;
  /** Undefined: the collection. */
  readonly id: string | undefined;
  /** The calls for many at this path; empty where it is not theirs. */
  readonly many: readonly BulkKind[];
  /** The listing of changes or of deletions that has this path for itself. */
  readonly listing?: PlacedListing;
}

export type MatchRoute = (pathname: string) => RouteMatch | undefined;

/** Reads the paths of all resources once. `pathname` begins after the account. */
export function matchRoutes(models: ReadonlyMap<string, ResourceModel>): MatchRoute {
  const all = [...models.values()];
  // A path for many looks like that of a record called "batch", and a search like that of one called "search".
  const routes: readonly Route[] = [
    ...all.flatMap((model) =>
      placedListingsOf(model).map(({ path, listing }) => ({ model, many: [], listing, patterns: segmentsOf(path).map(patternOf) })),
    ),
    ...all.flatMap((model) =>
      bulkPathsOf(model).map(([path, kinds]) => ({ model, many: kinds, patterns: segmentsOf(path).map(patternOf) })),
    ),
    ...all.flatMap((model) =>
      [model.resource.path, recordPathOf(model.resource)].map((path) => ({ model, many: [], patterns: segmentsOf(path).map(patternOf) })),
    ),
  ];
  return (pathname) => {
    const asked = segmentsOf(pathname).map(decode);
    for (const { model, many, listing, patterns } of routes) {
      const found = patterns.length === asked.length ? matchSegments(patterns, asked) : undefined;
      if (found === undefined) continue;
      const { id, ...place } = found;
      return { model, place, id, many, ...(listing !== undefined && { listing }) };
    }
    return undefined;
  };
}

interface Route extends Pick<RouteMatch, "model" | "many" | "listing"> {
  readonly patterns: readonly SegmentPattern[];
}

function placedListingsOf({ resource: { changes } }: ResourceModel): readonly { readonly path: string; readonly listing: PlacedListing }[] {
  const listings = [changes?.list, changes?.deleted];
  return listings.flatMap((listing) => (listing?.path === undefined ? [] : [{ path: listing.path, listing }]));
}

function bulkPathsOf({ resource }: ResourceModel): readonly (readonly [string, readonly BulkKind[]])[] {
  const kinds = (["create", "update", "upsert"] as const).filter((kind) => resource[`${kind}Many`] !== undefined);
  return [...Map.groupBy(kinds, (kind) => resource[`${kind}Many`]?.path ?? "")];
}

/** A text, or a placeholder with text around it: `{id}.xml`. */
interface SegmentPattern {
  readonly before: string;
  readonly name?: string | undefined;
  readonly after: string;
}

function patternOf(segment: string): SegmentPattern {
  const [, before = segment, name, after = ""] = /^(.*)\{(\w+)\}(.*)$/.exec(segment) ?? [];
  return { before, name, after };
}

function matchSegments(patterns: readonly SegmentPattern[], asked: readonly string[]): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {};
  for (const [index, { before, name, after }] of patterns.entries()) {
    const segment = asked[index] ?? "";
    if (name === undefined && segment !== before) return undefined;
    if (name === undefined) continue;
    if (!segment.startsWith(before) || !segment.endsWith(after) || segment.length <= before.length + after.length) return undefined;
    found[name] = segment.slice(before.length, segment.length - after.length);
  }
  return found;
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").slice(1);
}

/** What is no valid encoding stands for itself, and so for a record that does not exist. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
