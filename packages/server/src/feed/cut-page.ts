import type { Place, Put, Scanned, TakenFeed } from "./consumer-store.ts";

export interface PageBounds {
  /** Changes. */
  readonly limit: number;
  /** Of sealed contents. A single change that is longer still goes out, alone. */
  readonly mostBytes: number;
  /** How many changes of each feed were looked at, at most. */
  readonly each: number;
}

/** What is given to a reader, and how each feed is put back. */
export interface Page {
  /** In order: the first of each feed, then the second of each, so that what does not fit hits whoever has most. */
  readonly places: readonly Place[];
  readonly puts: readonly Put[];
}

/** Chooses the changes of a page among those that were looked at. A feed of which nothing fits keeps its place in the line: nothing is said of it. */
export function cutPage(taken: readonly TakenFeed[], scanned: readonly Scanned[], { limit, mostBytes, each }: PageBounds): Page {
  const byTenant = new Map(scanned.map((scan) => [scan.tenant, scan]));
  const places: Place[] = [];
  const last = new Map<string, number>();
  let bytes = 0;
  let full = false;
  const deepest = Math.max(0, ...scanned.map(({ wanted }) => wanted.length));
  for (let depth = 0; depth < deepest && !full; depth++)
    for (const { tenant } of taken) {
      const [position, size] = byTenant.get(tenant)?.wanted[depth] ?? [];
      if (position === undefined || size === undefined) continue;
      full = places.length >= limit || (places.length > 0 && bytes + size > mostBytes);
      if (full) break;
      bytes += size;
      places.push({ tenant, position });
      last.set(tenant, position);
    }
  return { places, puts: taken.flatMap((feed) => putOf(feed, byTenant.get(feed.tenant), last.get(feed.tenant), each)) };
}

function putOf({ tenant, position, end }: TakenFeed, scan: Scanned | undefined, last: number | undefined, each: number): Put[] {
  // It was looked to the end, and whatever was committed when the feed was taken is seen by the look that came after.
  const lookedTo = scan === undefined ? end : scan.looked < each ? Math.max(end, scan.last ?? 0) : (scan.last ?? position);
  const reached = Math.max(position, lookedTo);
  const lastWanted = scan?.wanted.at(-1)?.[0];
  if (lastWanted === undefined) return [{ tenant, position: reached, through: null }];
  if (last === undefined) return [];
  return [{ tenant, position, through: last === lastWanted ? reached : last }];
}
