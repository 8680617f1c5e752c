import { BelayError, isBelayError, type Sync } from "@belay/sdk";
import type { Lease, Message } from "../mailbox/index.ts";
import { countMissing, readTroubledRaws } from "../records/index.ts";
import type { Cipher } from "../vault/index.ts";
import { comparePage, finishComparison } from "./compare-walk.ts";
import { failWalk, finishWalk } from "./finish-walk.ts";
import { type DeskParts, type HeldWalk, readEnding, readMappedBy } from "./held-walk.ts";
import type { PageAnswer, WalkPage, WalkRequest } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { openSettings } from "./settings.ts";
import { queuePage } from "./take-page.ts";
import type { SyncKey, WalkRow } from "./types.ts";
import { walkEvent } from "./walk-message.ts";
import { readOpenWalk } from "./walk-store.ts";

/** A walk in the hands of one attempt of its message. */
export interface OpenWalk {
  readonly request: WalkRequest;
  /**
   * Keeps a page: records, changes and cursor, together or not at all. A page may come while the one before is still being written: it is worked out meanwhile
   * if it has none of its records, and written after it.
   *
   * @throws `LEASE_LOST` when somebody else has the walk; `SYNC_PAGE_CONTENDED`; what the database and `Cipher` throw.
   */
  take(page: WalkPage): Promise<PageAnswer>;
  /** Nothing more is tried: the walk has failed. */
  fail(code: string): Promise<void>;
}

/** Where whoever walks gets walks from, and gives pages to. */
export interface WalkDesk {
  /** Undefined: the message is none of a walk. Null: the walk has ended meanwhile, or is paused, and nothing is to be done. */
  open(message: Message, lease: Lease): Promise<OpenWalk | null> | undefined;
}

const mostTroubles = 500;

/** Opens the desk of a process. */
export function openWalkDesk(parts: DeskParts): WalkDesk {
  return {
    open: (message, lease) => {
      if (message.eventType !== walkEvent) return undefined;
      const sync = parts.catalog.syncs.get(message.flow);
      return sync === undefined ? undefined : openWalk(parts, sync, message, lease);
    },
  };
}

async function openWalk(parts: DeskParts, sync: Sync, { tenant, connection, flow }: Message, lease: Lease): Promise<OpenWalk | null> {
  const key: SyncKey = { tenant, sync: flow, connection };
  const row = await readOpenWalk(parts.db, key);
  if (row === undefined || row.paused) return null;
  const held = toHeld(row, sync, lease, (await countMissing(parts.db, row)) > 0);
  try {
    return await goOn(parts, held, key);
  } catch (error) {
    // The message is given up for it. Its walk would stay open for ever, and no other begin.
    if (isBelayError(error) && error.retry === "never" && error.code !== "LEASE_LOST") await failWalk(parts, held, error.code);
    throw error;
  }
}

async function goOn(parts: DeskParts, held: HeldWalk, key: SyncKey): Promise<OpenWalk | null> {
  const { row } = held;
  const { tenant, sync: flow } = key;
  const [cursor, progress] = await openTexts(parts.cipher, row);
  const mappedBy = readMappedBy(cursor);
  if (mappedBy !== undefined && mappedBy !== held.sync.mapping) held.mappedBy = null;
  const ending = readEnding(cursor);
  if (ending !== undefined) {
    if (row.kind === "reconcile") await finishComparison(parts, held, ending);
    else await finishWalk(parts, held, ending);
    return null;
  }
  const isNew = row.pages === 0 && row.revision === 0;
  const request: WalkRequest = {
    kind: row.kind,
    cursor,
    progress,
    settings: JSON.stringify((await openSettings(parts, tenant, flow)) ?? {}),
    // A walk through everything meets them again by itself.
    troubled: isNew && row.kind === "incremental" && row.troubles > 0 ? await readTroubledRaws(parts, key, mostTroubles) : [],
    startedAtMs: row.startedAtMs,
  };
  return {
    request,
    take: (page) => {
      const taken = row.kind === "reconcile" ? comparePage(parts, held, page) : queuePage(parts, held, page);
      // One page that is not kept takes those behind it along: they are read again.
      held.kept = taken;
      taken.catch(() => {});
      return taken;
    },
    fail: (code) => failWalk(parts, held, code),
  };
}

function toHeld(row: WalkRow, sync: Sync, lease: Lease, hasListed: boolean): HeldWalk {
  const { tenant, connection, revision, pages, troubles } = row;
  const { resource } = sync.source;
  return {
    row,
    sync,
    lease,
    origin: { tenant, connection, resource, model: sync.target.model, sync: sync.id, mapping: sync.mapping, walk: row.id },
    revision,
    kept: Promise.resolve(),
    writing: new Set(),
    pages,
    hasTroubles: troubles > 0,
    hasListed,
    mappedBy: sync.mapping,
  };
}

/** Cursor and progress; null where there is none. A first walk needs none of the latter, and begins also where it cannot be read any more. */
async function openTexts(cipher: Cipher, { tenant, kind, cursor, progress }: WalkRow): Promise<[string | null, string | null]> {
  const open = async (value: Uint8Array | null, purpose: string): Promise<string | null> => {
    if (value === null) return null;
    const [text] = await cipher.open([{ tenant, purpose, value }]);
    if (text === undefined) throw new BelayError("VAULT_KEYS_DESTROYED", `The keys of tenant ${tenant} were destroyed.`);
    return Buffer.from(text).toString();
  };
  return [await open(cursor, purposes.cursor), kind === "first" ? null : await open(progress, purposes.progress)];
}
