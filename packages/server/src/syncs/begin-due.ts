import { createHash } from "node:crypto";
import { type Connection, isBelayError, type Sync, toMs } from "@belay/sdk";
import { nextWalkOf, type SyncPosition } from "@belay/sdk/walk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { readPositions } from "../feed/index.ts";
import {
  commitMessages,
  type MailboxKey,
  type NewMessage,
  notifyWorkers,
  type SealedWork,
  sealWork,
  toMailboxKey,
} from "../mailbox/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { clearHints } from "./hint-store.ts";
import { purposes } from "./purposes.ts";
import { checkSettings, openSettings } from "./settings.ts";
import { nextDueMs } from "./spread-due.ts";
import { countRecords } from "../records/index.ts";
import { adoptRecords, type DueRow, type NextDue, readDue, takeDue, wantFull } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";
import { insertWalks, type NewWalkRow } from "./walk-store.ts";

export interface BeginParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalog: Pick<Catalog, "syncs" | "connections" | "connectors">;
}

/** How many syncs begin at once. */
const most = 100;

/**
 * Begins the walks of syncs that are due, each with the message that makes it go on, and says when they are due next. Of several processes one begins each; where a walk of
 * the sync is open already, none does.
 *
 * @returns the mailboxes that got something to do, and whether more syncs may be due.
 */
export async function beginDue(parts: BeginParts): Promise<{ readonly mailboxes: readonly MailboxKey[]; readonly more: boolean }> {
  // Most configurations have none, and pay for none.
  const due = parts.catalog.syncs.size === 0 ? [] : await readDue(parts.db, most);
  if (due.length === 0) return { mailboxes: [], more: false };
  const plans = await Promise.all(due.map((row) => plan(parts, row)));
  const begun = await parts.db.transaction().execute(async (tx) => {
    const taken = new Set(
      (
        await takeDue(
          tx,
          plans.map(({ next }) => next),
        )
      ).map(toText),
    );
    const begins = plans.flatMap(({ begin }) => (begin !== undefined && taken.has(toText(begin.walk)) ? [begin] : []));
    const wanted = begins.map(({ walk }) => walk);
    const positions = await readPositions(tx, [...new Set(wanted.map(({ tenant }) => tenant))]);
    const rows = wanted.map((walk): NewWalkRow => ({ ...walk, begunAfter: positions.get(walk.tenant) ?? 0 }));
    const opened = new Set(rows.length === 0 ? [] : (await insertWalks(tx, rows)).map(toText));
    const adopting = wanted.filter((walk) => walk.adopts > 0 && opened.has(toText(walk)));
    if (adopting.length > 0) await adoptRecords(tx, adopting);
    const late = wanted.filter((walk) => walk.wantsFull && !opened.has(toText(walk)));
    // Somebody wanted everything to be read, and it could not begin: it is wanted still.
    if (late.length > 0) await wantFull(tx, late);
    if (opened.size > 0)
      await clearHints(
        tx,
        wanted.filter((walk) => opened.has(toText(walk))),
      );
    const beginning = begins.filter(({ walk }) => opened.has(toText(walk)));
    const works = beginning.flatMap(({ sealed }) => sealed);
    const mailboxes = beginning.map(({ message }) => toMailboxKey(message));
    if (works.length > 0) {
      await commitMessages(tx, works);
      await notifyWorkers(tx, mailboxes);
    }
    return mailboxes;
  });
  return { mailboxes: begun, more: due.length === most };
}

type PlannedWalk = Omit<NewWalkRow, "begunAfter"> & { readonly wantsFull: boolean; readonly adopts: number };

interface Plan {
  readonly next: NextDue;
  /** Undefined: it only gets another time. */
  readonly begin: { readonly walk: PlannedWalk; readonly message: NewMessage; readonly sealed: readonly SealedWork[] } | undefined;
}

/** What cannot be read or sealed for one tenant is tried again after so long, and holds up nobody else. */
const retryMs = 60_000;

async function plan(parts: BeginParts, row: DueRow): Promise<Plan> {
  const { catalog, clock } = parts;
  const { tenant, due, wantsFull } = row;
  const sync = catalog.syncs.get(row.sync);
  const connection = catalog.connections.get(row.connection);
  const key: SyncKey = { tenant, sync: row.sync, connection: row.connection };
  const next = { ...key, due, wantsFull, begins: false };
  // Neither is in this configuration any more: whoever has it again puts it back into the schedule.
  if (sync === undefined || connection?.tenant !== tenant || connection.connector !== sync.source.connector)
    return { next: { ...next, inMs: null }, begin: undefined };
  const now = clock.now();
  const inMs = nextDueMs(now, toMs(sync.every), placeOf(key)) - now;
  try {
    if (!(await hasSettings(parts, sync, connection))) return { next: { ...next, inMs }, begin: undefined };
    const walk = await planWalk(parts, sync, row);
    const message = walkMessage(walk, walk.lane);
    // Sealed before the transaction: a tenant's key may have to be read.
    const sealed = await sealWork(parts.cipher, [{ messages: [message], quarantined: [] }]);
    return { next: { ...next, inMs, begins: true }, begin: { walk, message, sealed } };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    parts.logger.warn({ error, ...key }, "A sync that is due could not begin; it is tried again.");
    return { next: { ...next, inMs: Math.min(inMs, retryMs) }, begin: undefined };
  }
}

async function planWalk(parts: BeginParts, sync: Sync, row: DueRow): Promise<PlannedWalk> {
  const { tenant, connection, records, wantsFull } = row;
  const { kind, lane } = await kindOf(parts, sync, row);
  // What a sync of another name has brought is its own from now on. Uncounted, the records that are missing at the provider would stay for ever.
  const isNew = kind === "first" && records === 0;
  const adopts = isNew ? await countRecords(parts.db, { tenant, connection, resource: sync.source.resource }) : 0;
  const known = records + adopts;
  const expected = kind === "incremental" || known === 0 ? null : known;
  const countsSeen = kind !== "incremental" && known > 0;
  return { tenant, sync: row.sync, connection, kind, lane, countsSeen, expected, wantsFull, adopts };
}

/** The place of a sync in its period: the same for the same key. */
function placeOf(key: SyncKey): number {
  return createHash("sha256").update(toText(key)).digest().readUInt32BE(0);
}

async function hasSettings(parts: BeginParts, sync: Sync, { tenant }: Connection): Promise<boolean> {
  if (sync.settings === undefined) return true;
  try {
    await checkSettings(sync, tenant, (await openSettings(parts, tenant, sync.id)) ?? {});
    return true;
  } catch (error) {
    if (!isBelayError(error) || error.code !== "SYNC_SETTINGS_INVALID") throw error;
    // It is shown with the sync; a walk would fail again and again.
    parts.logger.info({ tenant, sync: sync.id, code: error.code }, "A sync waits for its tenant's settings.");
    return false;
  }
}

async function kindOf(parts: BeginParts, sync: Sync, row: DueRow): Promise<Pick<NewWalkRow, "kind" | "lane">> {
  const progress = await openProgress(parts.cipher, row);
  if (progress === undefined) return { kind: "first", lane: "backfill" };
  if (row.wantsFull || row.mapping !== sync.mapping) return { kind: "full", lane: "backfill" };
  const resource = parts.catalog.connectors.get(sync.source.connector)?.resources[sync.source.resource];
  const next = nextWalkOf(resource?.changes, progress, { nowMs: parts.clock.now() });
  return next.kind === "first" ? { kind: "first", lane: "backfill" } : { kind: next.kind, lane: "sync" };
}

/** What the walks so far know; `undefined`: nothing, or nothing that can be read any more. */
async function openProgress(cipher: Cipher, { tenant, progress }: DueRow): Promise<SyncPosition | undefined> {
  if (progress === null) return undefined;
  const [opened] = await openEach(cipher, [{ tenant, purpose: purposes.progress, value: progress }]);
  // Written by the thread that ended the walk, and sealed.
  return opened !== undefined && "bytes" in opened ? (JSON.parse(Buffer.from(opened.bytes).toString()) as SyncPosition) : undefined;
}

function toText({ tenant, sync, connection }: SyncKey): string {
  return `${tenant}\n${sync}\n${connection}`;
}
