import { isBelayError } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { countMissing } from "../records/index.ts";
import type { Cipher } from "../vault/index.ts";
import { checkSettings, openSettings } from "./settings.ts";
import { readSyncRows, type SyncRow } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { readWalks, type ShownWalk } from "./walk-store.ts";

/** How a sync stands at a connection. `waits-for-settings`: the tenant's do not fit the sync's schema. `gone`: this configuration has the sync or the connection no more. */
export type SyncState = "walking" | "idle" | "paused" | "waits-for-settings" | "gone";

/** A sync at a connection, as it is shown. */
export interface ShownSync extends Omit<SyncRow, "mapping" | "wantsFull"> {
  readonly state: SyncState;
  readonly every: string | null;
  /** The newest walk; null: there was none yet. */
  readonly walk: (ShownWalk & Progress) | null;
  /** How many records wait for an approval to be deleted. */
  readonly deletesHeld: number;
}

/** How far an open walk has come. */
export interface Progress {
  /** 0 to 1; null: nobody knows how much there is, or it has ended. */
  readonly share: number | null;
  /** Records a second. */
  readonly perSecond: number | null;
  /** null: nobody knows. */
  readonly etaSeconds: number | null;
}

interface ReadParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "syncs" | "connections">;
}

/** Syncs at connections, by tenant, sync and connection. */
export async function readSyncs(
  parts: ReadParts,
  filter: { readonly [Name in keyof SyncKey]?: SyncKey[Name] | undefined },
  { after, limit }: { readonly after?: SyncKey | undefined; readonly limit: number },
): Promise<ShownSync[]> {
  // As of one moment: a walk that ends between two looks would be over, and what it has kept not counted yet.
  const found = await parts.db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (tx) => {
      const all: Found[] = [];
      for (const row of await readSyncRows(tx, filter, after, limit)) {
        const [walk] = await readWalks(tx, row, 1);
        all.push({ row, walk, deletesHeld: row.deletesHeldUntil === null ? 0 : await countMissing(tx, row) });
      }
      return all;
    });
  const shown: ShownSync[] = [];
  for (const each of found) shown.push(await show(parts, each));
  return shown;
}

interface Found {
  readonly row: SyncRow;
  readonly walk: ShownWalk | undefined;
  readonly deletesHeld: number;
}

async function show(
  parts: ReadParts,
  { row: { mapping: _mapping, wantsFull: _wantsFull, ...row }, walk, deletesHeld }: Found,
): Promise<ShownSync> {
  const isOpen = walk?.state === "open";
  return {
    ...row,
    state: await stateOf(parts, row, isOpen),
    every: parts.catalog.syncs.get(row.sync)?.every ?? null,
    records: row.records + (isOpen ? walk.growth : 0),
    walk: walk === undefined ? null : { ...walk, ...progressOf(walk) },
    deletesHeld,
  };
}

async function stateOf(parts: ReadParts, row: SyncKey & { readonly pausedAt: string | null }, isOpen: boolean): Promise<SyncState> {
  const sync = parts.catalog.syncs.get(row.sync);
  if (sync === undefined || !parts.catalog.connections.has(row.connection)) return "gone";
  if (row.pausedAt !== null) return "paused";
  if (isOpen) return "walking";
  if (sync.settings === undefined) return "idle";
  try {
    await checkSettings(sync, row.tenant, (await openSettings(parts, row.tenant, row.sync)) ?? {});
    return "idle";
  } catch (error) {
    if (isBelayError(error) && error.code === "SYNC_SETTINGS_INVALID") return "waits-for-settings";
    throw error;
  }
}

/** How far a walk has come, as far as it can be told. */
function progressOf({ state, seen, expected, tookMs }: ShownWalk): Progress {
  const perSecond = tookMs > 0 && seen > 0 ? (seen * 1_000) / tookMs : null;
  if (state !== "open" || expected === null || expected === 0) return { share: null, perSecond, etaSeconds: null };
  const left = Math.max(0, expected - seen);
  return { share: Math.min(1, seen / expected), perSecond, etaSeconds: perSecond === null ? null : Math.ceil(left / perSecond) };
}
