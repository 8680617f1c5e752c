import { BelayError, type View } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { positionBefore, readBehind } from "../feed/index.ts";
import { findIds } from "../records/index.ts";
import { readSyncs } from "../syncs/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { consumerOf } from "./keep-turn.ts";
import { type RowContents, rowPurpose, type RowSource } from "./row-contents.ts";
import { countRows, readBuilds, readRows, type RowsKey, type ViewRow } from "./store.ts";

export interface ReadParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Catalog;
  readonly clock: Clock;
}

/** A source, and how old what is known of it is. */
export interface ShownSource extends Omit<RowSource, "sync"> {
  /** When the provider was last known to have it like this, ISO 8601. */
  readonly readAt: string | null;
  /** Seconds since; null: nobody knows. */
  readonly ageSeconds: number | null;
  /** Older than the caller's bound, or of unknown age. */
  readonly stale: boolean;
}

/** A row as it is given out. */
export interface ShownRow {
  /** The canonical id. */
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where each value is from, by field, as its place among `sources`. */
  readonly from: Readonly<Record<string, number>>;
  readonly sources: readonly ShownSource[];
  /** Of its oldest source. */
  readonly ageSeconds: number | null;
  /** One of its sources is. */
  readonly stale: boolean;
}

/** How a view stands for a tenant. */
export interface ShownView {
  readonly view: string;
  readonly model: string;
  /** Of the definition whose rows these are. */
  readonly version: string;
  /** Changes of the tenant that the view has not taken in yet. */
  readonly behind: number;
  /** The definition has changed, or is new: its rows are being put together. Those given out meanwhile are of the one before, or not all yet. */
  readonly building: boolean;
}

export interface ViewPage extends ShownView {
  readonly items: readonly ShownRow[];
  /** The id behind which the next page begins; null: there is none. */
  readonly next: string | null;
}

export interface RowFilter {
  readonly tenant: string;
  readonly connection?: string | undefined;
  readonly externalId?: string | undefined;
  /** By what one of its records is recognised, as `kind\nvalue`. */
  readonly keys?: readonly string[];
  /** Changed here at this time or later, ISO 8601. */
  readonly updatedSince?: string | undefined;
}

/** @throws `VIEW_UNKNOWN`. */
export function findView({ config }: Pick<Catalog, "config">, id: string): View {
  const view = config.views?.find((one) => one.id === id);
  if (view === undefined) throw new BelayError("VIEW_UNKNOWN", `There is no view "${id}" in the configuration.`);
  return view;
}

/** Rows in the order of their ids. */
export async function listRows(
  parts: ReadParts,
  view: View,
  filter: RowFilter,
  { after, limit, maxAgeSeconds }: { readonly after: string; readonly limit: number; readonly maxAgeSeconds: number },
): Promise<ViewPage> {
  const { tenant, connection, externalId, keys = [], updatedSince } = filter;
  const { key, shown } = await standOf(parts, view, tenant);
  const behind = updatedSince === undefined ? undefined : await positionBefore(parts.db, tenant, updatedSince);
  const isFiltered = connection !== undefined || externalId !== undefined || keys.length > 0;
  const ids = isFiltered ? await findIds(parts, { ...filter, keys, model: view.of.model }, { after, limit }) : undefined;
  const rows = ids?.length === 0 ? [] : await readRows(parts.db, key, { after, limit, behind, ...(ids !== undefined && { ids }) });
  const last = ids === undefined ? rows.at(-1)?.id : ids.at(-1);
  const isFull = (ids ?? rows).length === limit;
  return { ...shown, items: await toShown(parts, key, rows, maxAgeSeconds), next: isFull ? (last ?? null) : null };
}

/** One row; undefined where there is none. */
export async function readRow(
  parts: ReadParts,
  view: View,
  tenant: string,
  id: string,
  maxAgeSeconds: number,
): Promise<(ShownRow & { readonly view: ShownView }) | undefined> {
  const { key, shown } = await standOf(parts, view, tenant);
  const rows = await readRows(parts.db, key, { after: "", limit: 1, ids: [id] });
  const [row] = await toShown(parts, key, rows, maxAgeSeconds);
  return row && { ...row, view: shown };
}

/** The views of the configuration, as they stand for a tenant. */
export async function listViews(parts: ReadParts, tenant: string): Promise<(ShownView & { readonly rows: number })[]> {
  const all: (ShownView & { readonly rows: number })[] = [];
  for (const view of parts.catalog.config.views ?? []) {
    const { key, shown } = await standOf(parts, view, tenant);
    all.push({ ...shown, rows: await countRows(parts.db, key) });
  }
  return all;
}

/** Which version's rows are given out: today's as soon as they have been built once, until then the newest that were. */
async function standOf({ db }: ReadParts, view: View, tenant: string): Promise<{ readonly key: RowsKey; readonly shown: ShownView }> {
  const builds = await readBuilds(db, tenant, view.id);
  const behind = await readBehind(db, consumerOf(view).name, tenant);
  const isBuilt = builds.includes(view.version);
  const version = isBuilt ? view.version : (builds[0] ?? view.version);
  const shown = { view: view.id, model: view.of.model, version, behind, building: !isBuilt && behind > 0 };
  return { key: { tenant, view: view.id, version }, shown };
}

async function toShown(parts: ReadParts, key: RowsKey, rows: readonly ViewRow[], maxAgeSeconds: number): Promise<ShownRow[]> {
  const { tenant } = key;
  const opened = await openEach(
    parts.cipher,
    rows.map(({ id, contents }) => ({ tenant, purpose: rowPurpose(key, id), value: contents })),
  );
  const there = rows.flatMap(({ id }, index) => {
    const one = opened[index];
    // Sealed here, of what `toContents` gave; where the tenant's keys are destroyed there is nothing.
    return one !== undefined && "bytes" in one ? [{ id, contents: JSON.parse(Buffer.from(one.bytes).toString()) as RowContents }] : [];
  });
  const looked = await readTimes(parts, tenant, there.flatMap(({ contents }) => contents.sources)); // prettier-ignore
  return there.map(({ id, contents: { data, from, sources: own } }): ShownRow => {
    const sources = own.map(({ sync, ...source }): ShownSource => {
      const readAt = later(source.changedAt, looked.get(`${sync}\n${source.connection}`) ?? null);
      const ageSeconds = readAt === null ? null : Math.max(0, Math.round((parts.clock.now() - Date.parse(readAt)) / 1_000));
      return { ...source, readAt, ageSeconds, stale: ageSeconds === null || ageSeconds > maxAgeSeconds };
    });
    const ages = sources.map(({ ageSeconds }) => ageSeconds);
    const ageSeconds = ages.includes(null) ? null : Math.max(0, ...ages.map(Number));
    return { id, data, from, sources, ageSeconds, stale: sources.some(({ stale }) => stale) };
  });
}

/** When each sync at each connection has last read to the end: what did not change is not written, but it was looked at. */
async function readTimes(parts: ReadParts, tenant: string, sources: readonly RowSource[]): Promise<ReadonlyMap<string, string | null>> {
  const times = new Map<string, string | null>();
  for (const { sync, connection } of sources) {
    if (sync === null || times.has(`${sync}\n${connection}`)) continue;
    const [state] = await readSyncs(parts, { tenant, sync, connection }, { limit: 1 });
    times.set(`${sync}\n${connection}`, state?.lastCompleteAt ?? null);
  }
  return times;
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
