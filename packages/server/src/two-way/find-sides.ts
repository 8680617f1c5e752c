import type { Connection, TwoWay } from "@belay/sdk";
import type { SideName } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";

/** A side of a two-way sync at one tenant. */
export interface Side {
  readonly connection: string;
  readonly resource: string;
  /** The id of the sync that reads it. */
  readonly sync: string;
}

export type Sides = Readonly<Record<SideName, Side>>;

/** Where a two-way sync runs for a tenant, or why it does not. `of`: the side that is not clear. */
export type FoundSides =
  | { readonly kind: "found"; readonly sides: Sides }
  | { readonly kind: "blocked"; readonly of: SideName; readonly why: "no-connection" | "several-connections" };

/** The connections of a tenant that are the sides: exactly one of each side's connector, for nobody could tell which of several is meant. */
export function findSides(catalog: Pick<Catalog, "ofTenant">, twoWay: TwoWay, tenant: string): FoundSides {
  const connections = catalog.ofTenant(tenant);
  const [a, b] = [connectionsOf(connections, twoWay, "a"), connectionsOf(connections, twoWay, "b")];
  for (const [of, found] of [["a", a] as const, ["b", b] as const]) {
    if (found.length === 0) return { kind: "blocked", of, why: "no-connection" };
    if (found.length > 1) return { kind: "blocked", of, why: "several-connections" };
  }
  return { kind: "found", sides: { a: sideOf(twoWay, "a", a[0]), b: sideOf(twoWay, "b", b[0]) } };
}

function connectionsOf(connections: readonly Connection[], twoWay: TwoWay, name: SideName): readonly Connection[] {
  return connections.filter(({ connector }) => connector === twoWay[name].sync.source.connector);
}

function sideOf(twoWay: TwoWay, name: SideName, connection: Connection | undefined): Side {
  const { sync } = twoWay[name];
  return { connection: connection?.id ?? "", resource: sync.source.resource, sync: sync.id };
}

export function otherSide(side: SideName): SideName {
  return side === "a" ? "b" : "a";
}
