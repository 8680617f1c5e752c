import type { ResourceReference } from "../connector/resource-reference.ts";
import { describe, refuser } from "../definition/refuse.ts";
import type { Duration } from "../duration.ts";
import type { MatchRules } from "../identity/index.ts";
import type { Schema } from "../schema/index.ts";
import { checkSync } from "./check-sync.ts";
import type { MatchKey, Model } from "./model.ts";

/** What `map` gets beside the record. */
export interface MapContext<Settings = unknown> {
  readonly tenant: string;
  /** The id of the connection that the record was read from. */
  readonly connection: string;
  /** The tenant's own, validated by the sync's `settings`. */
  readonly settings: Settings;
}

/**
 * Makes what Belay keeps of a record of the provider. It must depend on nothing but what it is given: it runs again and again, and what is equal counts as unchanged.
 * `undefined`: the record is none of ours; one that was there before counts as deleted, and waits for an approval where such are many (`deletes`).
 */
export interface Mapping<Source, Data, Settings = unknown> {
  (record: Source, context: MapContext<Settings>): Data | undefined | Promise<Data | undefined>;
  /** See `SyncDefinition.mapping`. */
  readonly version?: string;
}

/** Deletes need a proof that the walk saw everything, or the provider's word that they are gone; these bound what happens even then. */
export interface DeletePolicy {
  /**
   * Of the records known so far, the most that may be deleted without somebody's approval: 0 to 1. Ten always may. What the provider names as deleted is counted over as long as `hold` says, so
   * that many small accidents count as a large one. Default 0.05.
   */
  readonly maxFraction?: number;
  /** How long deletes above it wait for that. Then missing records are given up until a walk misses them again; about named ones the next walk asks again. Default "24h". */
  readonly hold?: Duration;
  /** How long what a walk has deleted can be brought back; versions are kept for 30 days, and what is more comes to nothing. Default "7d". */
  readonly undo?: Duration;
}

export interface SyncDefinition<Source, Data, Settings = unknown> {
  /** Lower case, stable: progress is kept under it. */
  readonly id: string;
  /** What is read, for every connection to that connector: `hubspot.contact`. */
  readonly source: ResourceReference<Source>;
  /** What it becomes, kept in Belay's records and told in the change feed. */
  readonly target: Model<Data>;
  /** How often changes are read. Spread by tenant and connection, never at the top of the hour. Default "15m". */
  readonly every?: Duration;
  /** How often both sides are compared, and what share of the records field by field. Default: never. */
  readonly reconcile?: { readonly every: Duration; readonly sample?: number };
  readonly deletes?: DeletePolicy;
  /** The tenant's own settings, given to `map` and `in`; they are set by `PUT /v1/syncs/{sync}/settings`. An empty object has to fit, or the tenant waits for its own. Default: there are none. */
  readonly settings?: Schema<Settings>;
  /** Where the records live, for a path with placeholders: `({ repository }) => ({ owner: "acme", repo: repository })`. */
  readonly in?: (settings: Settings) => Readonly<Record<string, string | number>>;
  /** Narrows the listing: declared filters by name. */
  readonly filters?: Readonly<Record<string, string | number | boolean>>;
  /** Default: the connector's own mapping for the model, with `mappingSettings` as settings. */
  readonly map?: Mapping<Source, Data, Settings>;
  /** The version of `map`. When it changes, the next walk reads everything anew. Default: that of `map`, else "1". */
  readonly mapping?: string;
  /**
   * The version of a record as the source counts it: a number, a `Date` or an ISO 8601 text. What is older than what is kept is left out. `undefined`: this answer does not tell, as answers
   * to writes may not, and counts as the last to be read. Default: the last to be read counts.
   */
  readonly version?: (record: Source) => number | string | Date | undefined;
  /** By what a record is recognised. Default: what the model says. */
  readonly matchOn?: (data: Data) => readonly MatchKey[];
  /**
   * When a new record is the same thing as one of another connection: both then have one canonical id. Where that cannot be said, somebody is asked. `standardRules` are in
   * `@belay/sdk/identity`. Default: every record is a thing of its own.
   */
  readonly identity?: MatchRules;
}

/** A sync, with the types of its records erased for the runner. */
export interface Sync {
  readonly id: string;
  readonly source: ResourceReference;
  readonly target: Pick<Model, "model" | "schema">;
  readonly every: Duration;
  readonly reconcile?: SyncDefinition<unknown, unknown>["reconcile"];
  readonly deletes: Required<DeletePolicy>;
  readonly settings?: Schema;
  readonly in?: (settings: never) => Readonly<Record<string, string | number>>;
  readonly filters?: Readonly<Record<string, string | number | boolean>>;
  readonly map: (record: never, context: MapContext<never>) => unknown;
  readonly mapping: string;
  readonly version?: (record: never) => number | string | Date | undefined;
  readonly matchOn?: (data: never) => readonly MatchKey[];
  readonly identity?: MatchRules;
}

/**
 * Declares that Belay keeps what a provider has: it walks through the source again and again, maps every record, and keeps what changed, with its history.
 *
 * ```ts
 * export const contacts = defineSync({
 *   id: "contacts",
 *   source: hubspot.contact,
 *   target: unified.contact,
 *   every: "15m",
 *   map: ({ properties }) => ({ email: properties.email }),
 * });
 * ```
 *
 * @throws `SDK_SYNC_INVALID` naming the field, what was found, what to write instead, and the file and line of the definition.
 */
export function defineSync<Source, Data, Settings = unknown>(definition: SyncDefinition<Source, Data, Settings>): Sync {
  const { id } = Object(definition) as { readonly id?: unknown };
  checkSync(definition, refuser("SDK_SYNC_INVALID", `Sync ${describe(id)}`, defineSync));
  const { mapping, source, target, deletes, every, matchOn } = definition;
  const own = source.mappings?.find(({ model }) => model.model === target.model);
  const map: Sync["map"] & { readonly version?: string } = definition.map ?? own ?? unmapped;
  const settings = definition.settings ?? (map === own ? own?.settings : undefined);
  const recognise = matchOn ?? target.matchOn;
  return {
    ...definition,
    every: every ?? "15m",
    deletes: { maxFraction: 0.05, hold: "24h", undo: "7d", ...deletes },
    map,
    mapping: mapping ?? map.version ?? "1",
    ...(settings && { settings }),
    ...(recognise && { matchOn: recognise }),
  };
}

/** Never called: a sync without a mapping is refused. */
function unmapped(): never {
  throw new TypeError("The sync has no mapping.");
}
