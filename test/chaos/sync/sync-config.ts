import {
  type Changes,
  type Config,
  defineConfig,
  defineConnector,
  defineSync,
  type ListOperation,
  type Order,
  type Paging,
  Secret,
} from "@belay/sdk";
import { z } from "zod";
import { baseUrl } from "./provider.ts";
import { connectionId, type Shape, syncId, type SyncSetting, tenant } from "./steps.ts";

/** How much later than its time a change may show, clocks that differ included: more than any history brings about. */
const lookback = "8s";

const item = z.looseObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(["good", "bad", "other"]),
  take: z.number(),
  version: z.number(),
});

/** The connector that somebody would write for a provider of this shape, and a sync that keeps its records. */
export function makeSyncConfig({ shape, versioned, everySeconds }: SyncSetting): Config {
  const changes = changesOf(shape);
  const source = defineConnector({
    id: "source",
    title: "Source",
    baseUrl,
    auth: { kind: "bearer" },
    resources: {
      item: { path: "/items", id: "id", schema: item, wrap: { many: "items" }, list: listOf(shape), ...(changes && { changes }) },
    },
  });
  const items = defineSync({
    id: syncId,
    source: source.item,
    target: { model: "item", schema: z.object({ name: z.string(), take: z.number() }) },
    every: `${everySeconds}s`,
    deletes: { maxFraction: 0.2, hold: "6h" },
    ...(versioned && { version: ({ version }: z.infer<typeof item>) => version }),
    map: ({ name, take, state }) => {
      if (state === "bad") throw new Error("this one cannot be mapped");
      return state === "other" ? undefined : { name, take };
    },
  });
  return defineConfig({
    connectors: [source],
    flows: [],
    syncs: [items],
    connections: [{ id: connectionId, tenant, connector: "source", baseUrl, credential: { token: new Secret("the-token-of-the-source") } }],
  });
}

/** How a provider of this shape lists everything. */
export function listOf(shape: Shape): ListOperation {
  const { order, size, sized, hops, changes } = shape;
  const by = order === "changed" ? "changed" : "created";
  const unasked: Order = { by, direction: order === "newest" ? "descending" : "ascending", ...(by === "created" && { fixed: true }) };
  const filters = {
    ...(hops && { from: { field: by, test: "atLeast" as const } }),
    ...(changes === "field" && { since: sinceFilter(shape) }),
  };
  return { paging: pagingOf(shape), ...(sized && { size: { parameter: "size", default: size, max: size } }), order: unasked, filters };
}

function sinceFilter({ above }: Shape): NonNullable<ListOperation["filters"]>[string] {
  return { field: "changed", test: above ? "above" : "atLeast" };
}

/** How a provider of this shape tells of changes. */
export function changesOf(shape: Shape): Changes | undefined {
  const { changes, deletions, size, sized } = shape;
  const paging = pagingOf(shape);
  const pages = { paging, ...(sized && { size: { parameter: "size", default: size, max: size } }), many: "items" };
  const gone = { at: "gone", is: [true] };
  if (changes === "none") return undefined;
  if (changes === "token")
    return { by: { kind: "token", parameter: "token", next: "token" }, list: { ...pages, path: "/items/changes" }, tombstone: gone };
  const by = { kind: "field", field: "changed", filter: "since", granularity: "1s", lookback } as const;
  const deleted = {
    ...pages,
    path: "/items/deleted",
    order: { by: "changed", fixed: true as const },
    filters: { since: sinceFilter(shape) },
    since: by,
  };
  return { by, ...(deletions === "tombstone" && { tombstone: gone }), ...(deletions === "listing" && { deleted }) };
}

function pagingOf({ paging, end }: Shape): Paging {
  const sign = { total: { total: "total" }, more: { more: "more" }, empty: { emptyPage: true } } as const;
  switch (paging) {
    case "offset":
      return { kind: "offset", parameter: "offset", end: sign[end] };
    case "page":
      return { kind: "page", parameter: "page", end: sign[end] };
    case "link-page":
      return { kind: "link", path: "next", page: "page" };
    case "link-token":
      return { kind: "link", path: "next" };
    case "cursor":
      return { kind: "cursor", parameter: "cursor", next: "next" };
    case "keyset":
      return { kind: "keyset", parameter: "after", more: "more" };
  }
}
