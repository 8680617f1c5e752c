import type { CatalogChange, CatalogInForce } from "../catalog/index.ts";
import { keepReading } from "../db/index.ts";
import type { MailboxKey } from "../mailbox/index.ts";
import { WakeUp } from "../telemetry/index.ts";
import { beginDue, type BeginParts } from "./begin-due.ts";
import { isConfigured } from "./known-syncs.ts";
import { ensureSyncs, readUnscheduled } from "./store.ts";
import type { SyncKey } from "./types.ts";

export interface SchedulerParts extends BeginParts {
  readonly catalog: Pick<CatalogInForce, "syncs" | "connections" | "connectors" | "watch">;
  /** Of the database; `undefined` on an embedded one. */
  readonly url: string | undefined;
  /** Told of the syncs at connections that there are; again and again of the same. Default: nobody is. */
  readonly onKnown?: (keys: readonly SyncKey[]) => Promise<void>;
  /** Begins what lies above syncs and is due, such as comparisons; resolves with the mailboxes that got something to do. Called at every look. Default: there is nothing. */
  readonly beginOthers?: () => Promise<readonly MailboxKey[]>;
  /** Told of the mailboxes that got something to do. */
  readonly onBegun: (mailboxes: readonly MailboxKey[]) => void;
}

/** Begins syncs as they become due. */
export interface SyncScheduler {
  /** Looks now. */
  ring(): void;
  /** The configuration is another one. */
  reloaded(): void;
  close(): Promise<void>;
}

const pollMs = 1_000;
/** What a process of an older configuration, which does not know it, has taken out of the schedule is found within so long. */
const lostEveryMs = 5 * 60_000;
/** How many rows one statement makes. */
const chunk = 1_000;

/** Starts the scheduler of a process; of several processes one begins each walk. */
export function startSyncScheduler(parts: SchedulerParts): SyncScheduler {
  const { catalog, clock, logger } = parts;
  const noticed = new WakeUp(clock);
  let missing: SyncKey[] = allSyncs(parts);
  let lookedForLostAt = clock.now();
  const unwatch = catalog.watch((change: CatalogChange) => {
    if (change.kind !== "put") return;
    missing.push(...syncsOf(parts, change.connection));
    noticed.ring();
  });
  const look = async (): Promise<void> => {
    if (clock.now() - lookedForLostAt >= lostEveryMs) {
      missing.push(...(await readUnscheduled(parts.db)).filter((key) => isConfigured(parts, key)));
      lookedForLostAt = clock.now();
    }
    while (missing.length > 0) {
      // Of this list: another configuration may bring another one meanwhile.
      const list = missing;
      const some = list.slice(0, chunk);
      await ensureSyncs(parts.db, distinct(some));
      await parts.onKnown?.(distinct(some));
      list.splice(0, some.length);
    }
    const { mailboxes, more } = await beginDue(parts);
    if (mailboxes.length > 0) parts.onBegun(mailboxes);
    if (more) noticed.ring();
    const others = (await parts.beginOthers?.()) ?? [];
    if (others.length > 0) parts.onBegun(others);
  };
  noticed.ring();
  const reading = keepReading({
    url: parts.url,
    channel: "belay_sync",
    name: "belay syncs",
    noticed,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    pollMs,
    read: look,
    onListenTrouble: (error, failures) => {
      if (failures === 1) logger.warn({ error }, "Syncs that are asked for elsewhere begin up to a second later: the notices do not come.");
    },
    onReadTrouble: (error) => logger.warn({ error }, "Syncs that are due could not be begun; they are looked for again."),
  });
  return {
    ring: () => noticed.ring(),
    reloaded: () => {
      missing = allSyncs(parts);
      noticed.ring();
    },
    close: async () => {
      unwatch();
      await reading.close();
    },
  };
}

function allSyncs(parts: SchedulerParts): SyncKey[] {
  return parts.catalog.syncs.size === 0 ? [] : [...parts.catalog.connections.values()].flatMap((connection) => syncsOf(parts, connection));
}

function syncsOf(
  { catalog }: SchedulerParts,
  { id, tenant, connector }: { readonly id: string; readonly tenant: string; readonly connector: string },
): SyncKey[] {
  return [...catalog.syncs.values()]
    .filter(({ source }) => source.connector === connector)
    .map((sync) => ({ tenant, sync: sync.id, connection: id }));
}

function distinct(keys: readonly SyncKey[]): SyncKey[] {
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}
