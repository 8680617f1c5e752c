import type { SideName } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { readPositions } from "../feed/index.ts";
import { countConflicts } from "./conflict-store.ts";
import { findSides } from "./find-sides.ts";
import { countLinks, readTwoWayRows } from "./store.ts";
import type { Standing, TwoWayKey } from "./types.ts";

/** A side as it is shown. */
export interface ShownSide {
  /** The id of the sync that reads it. */
  readonly sync: string;
  readonly connector: string;
  /** null: it is not clear which; see `blocked`. */
  readonly connection: string | null;
}

/** How a two-way sync stands for a tenant. */
export interface ShownTwoWay extends TwoWayKey {
  readonly a: ShownSide;
  readonly b: ShownSide;
  /** Why it does not run: a side has no connection, or several of which nobody can tell which is meant. null: it runs. */
  readonly blocked: { readonly side: SideName; readonly why: "no-connection" | "several-connections" } | null;
  /** How many things stand how. */
  readonly links: Readonly<Record<Standing, number>>;
  /** How many fields wait for somebody's decision. */
  readonly conflicts: number;
  /** How many changes of the tenant's records were not looked at yet; null: it has not begun. */
  readonly behind: number | null;
}

const none: ShownTwoWay["links"] = { waiting: 0, equal: 0, held: 0, failed: 0, gone: 0 };

/** The two-way syncs of tenants that have a connection of one of the sides, by tenant and id, from behind one of them on. */
export async function readTwoWays(
  { db, catalog }: { readonly db: Db; readonly catalog: Pick<Catalog, "twoWays" | "ofTenant" | "connections"> },
  filter: { readonly tenant?: string | undefined; readonly twoWay?: string | undefined },
  after: TwoWayKey | undefined,
  limit: number,
): Promise<ShownTwoWay[]> {
  const keys = keysOf(catalog, filter)
    .filter(({ key }) => after === undefined || isBehind(key, after))
    .slice(0, limit);
  const wanted = keys.map(({ key }) => key);
  if (wanted.length === 0) return [];
  const rows = new Map((await readTwoWayRows(db, wanted)).map((row) => [textOf(row), row]));
  const ends = await readPositions(db, [...new Set(wanted.map(({ tenant }) => tenant))]);
  const links = Map.groupBy(await countLinks(db, wanted), textOf);
  const conflicts = new Map((await countConflicts(db, wanted)).map(({ count, ...key }) => [textOf(key), count]));
  return keys.map(({ key, shown }) => {
    const text = textOf(key);
    const row = rows.get(text);
    return {
      ...key,
      ...shown,
      links: { ...none, ...Object.fromEntries((links.get(text) ?? []).map(({ stands, count }) => [stands, count])) },
      conflicts: conflicts.get(text) ?? 0,
      behind: row === undefined ? null : Math.max(0, (ends.get(key.tenant) ?? 0) - row.position),
    };
  });
}

interface Keyed {
  readonly key: TwoWayKey;
  readonly shown: Pick<ShownTwoWay, "a" | "b" | "blocked">;
}

function keysOf(
  catalog: Pick<Catalog, "twoWays" | "ofTenant" | "connections">,
  { tenant, twoWay }: { readonly tenant?: string | undefined; readonly twoWay?: string | undefined },
): Keyed[] {
  const definitions = [...catalog.twoWays.values()].filter(({ id }) => twoWay === undefined || id === twoWay);
  const connectors = new Set(definitions.flatMap(({ a, b }) => [a.sync.source.connector, b.sync.source.connector]));
  const connections = tenant === undefined ? catalog.connections.values() : catalog.ofTenant(tenant);
  const tenants = [...new Set([...connections].filter(({ connector }) => connectors.has(connector)).map((one) => one.tenant))];
  return tenants
    .flatMap((one) =>
      definitions.map((definition): Keyed => {
        const found = findSides(catalog, definition, one);
        const sideOf = (name: SideName): ShownSide => ({
          sync: definition[name].sync.id,
          connector: definition[name].sync.source.connector,
          connection: found.kind === "found" ? found.sides[name].connection : null,
        });
        const blocked = found.kind === "found" ? null : { side: found.of, why: found.why };
        return { key: { tenant: one, twoWay: definition.id }, shown: { a: sideOf("a"), b: sideOf("b"), blocked } };
      }),
    )
    .toSorted(({ key: one }, { key: other }) => (isBehind(one, other) ? 1 : -1));
}

function isBehind(one: TwoWayKey, other: TwoWayKey): boolean {
  return one.tenant === other.tenant ? one.twoWay > other.twoWay : one.tenant > other.tenant;
}

function textOf({ tenant, twoWay }: TwoWayKey): string {
  return `${tenant}\n${twoWay}`;
}
