import { createHash } from "node:crypto";
import { isBelayError, toMs } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import type { MailboxKey } from "../mailbox/index.ts";
import { beginComparison, listIdle, nextDueMs, type SyncKey } from "../syncs/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { ensureScheduled, readDueComparisons, takeDueComparison } from "./schedule-store.ts";
import { insertWaiting, readWaiting, setEnded, setWalking, type WaitingRow } from "./store.ts";

interface BeginParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly catalog: Pick<Catalog, "syncs" | "connections">;
}

/** Who asked for a comparison that the schedule asked for. */
const scheduler = "schedule";

/** Of the records, the share that is compared field by field where a sync does not say. */
export const defaultSample = 0.01;

const most = 100;
/** So many that wait are looked at in one look. */
const mostWaiting = 500;
/** What is not compared by this configuration is looked at again after so long; what nobody has begun by then, and this configuration does not know, is gone. */
const unknownMs = 24 * 3_600_000;

/** Sees to it that syncs that say so are compared by themselves. Calling it twice is safe. */
export async function scheduleComparisons({ db, clock, catalog }: BeginParts, keys: readonly SyncKey[]): Promise<void> {
  const rows = keys.flatMap((key) => {
    const inMs = nextInMs(catalog, clock, key);
    return inMs === null ? [] : [{ ...key, inMs }];
  });
  if (rows.length > 0) await ensureScheduled(db, rows);
}

/**
 * Makes what asks for the comparisons that are due, and begins those that wait and whose syncs are idle. Of several processes one begins each. Called again and again it comes past all
 * that wait: those that cannot begin for long, because their syncs are paused, do not keep back those behind them.
 *
 * @returns resolves with the mailboxes that got something to do.
 */
export function beginComparisonsWith(parts: BeginParts & { readonly logger: Logger }): () => Promise<readonly MailboxKey[]> {
  const { db, catalog } = parts;
  let after = 0;
  return async () => {
    // Most configurations have no sync, and pay for none.
    if (catalog.syncs.size === 0) return [];
    for (const key of await readDueComparisons(db, most)) await askForDue(parts, key);
    const waiting = await readWaiting(db, after, mostWaiting);
    after = waiting.length < mostWaiting ? 0 : (waiting.at(-1)?.id ?? 0);
    return waiting.length === 0 ? [] : await beginWaiting(parts, waiting);
  };
}

async function beginWaiting(
  parts: BeginParts & { readonly logger: Logger },
  waiting: readonly WaitingRow[],
): Promise<readonly MailboxKey[]> {
  const { db, catalog, logger } = parts;
  const known = waiting.filter(({ sync, connection }) => catalog.syncs.has(sync) && catalog.connections.has(connection));
  // A process of a newer configuration may know it, or one that has heard of the connection: it is left to those for so long.
  const gone = waiting.filter((one) => one.waitedMs > unknownMs && !known.includes(one));
  for (const one of gone) await setEnded(db, one, { state: "failed", proven: false, whyUnproven: null, code: "RECONCILE_SYNC_GONE" });
  const idle = new Set((await listIdle(db, known)).map(toText));
  const begun: MailboxKey[] = [];
  for (const { waitedMs: _waitedMs, ...one } of known) {
    const sync = catalog.syncs.get(one.sync);
    if (sync === undefined || !idle.has(toText(one))) continue;
    try {
      begun.push(
        ...(await beginComparison(parts, one, (tx, { walk, kept }) => setWalking(tx, one, { walk, kept, mapping: sync.mapping }))),
      );
    } catch (error) {
      if (!isBelayError(error)) throw error;
      // Such as the keys of one tenant, which are nobody else's trouble.
      logger.warn({ error, ...one }, "A comparison that waits could not begin; it is tried again.");
    }
  }
  return begun;
}

async function askForDue({ db, clock, catalog }: BeginParts, key: SyncKey): Promise<void> {
  const inMs = nextInMs(catalog, clock, key);
  const sample = catalog.syncs.get(key.sync)?.reconcile?.sample ?? defaultSample;
  await db.transaction().execute(async (tx) => {
    // What this configuration does not compare a newer one may: taken out, nobody would put it back.
    if ((await takeDueComparison(tx, { ...key, inMs: inMs ?? unknownMs })) && inMs !== null)
      await insertWaiting(tx, key, { sample, wantedBy: scheduler });
  });
}

/** null: it is compared when somebody asks, or it is gone. */
function nextInMs(catalog: BeginParts["catalog"], clock: Clock, key: SyncKey): number | null {
  const every = catalog.syncs.get(key.sync)?.reconcile?.every;
  if (every === undefined || catalog.connections.get(key.connection)?.tenant !== key.tenant) return null;
  const now = clock.now();
  // Another place than the sync's own walks have, which would be in its way.
  const place = createHash("sha256")
    .update(`reconcile\n${toText(key)}`)
    .digest()
    .readUInt32BE(0);
  return nextDueMs(now, toMs(every), place) - now;
}

function toText({ tenant, sync, connection }: SyncKey): string {
  return `${tenant}\n${sync}\n${connection}`;
}
