import { combineRecords, isBelayError, type View } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import {
  acknowledgeWithin,
  type ChangeBatch,
  type ConsumerKey,
  type GivenChange,
  readChanges,
  readOwners,
  readPositions,
} from "../feed/index.ts";
import { readRecords, type ShownRecord } from "../records/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { RowContents } from "./row-contents.ts";
import { rowPurpose } from "./row-contents.ts";
import { deleteRows, insertBuild, type RowsKey, upsertRows, type ViewRow } from "./store.ts";

export interface KeepParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "connections" | "connectors">;
  readonly logger: Logger;
}

/** Changes of a turn. */
const mostChanges = 500;
const mostBytes = 4 * 1024 * 1024;
/** Who does not come back within this has given up: another takes the changes. */
const leaseMs = 30_000;

/** As what the keepers of a version read the feed. No consumer that somebody defines can have the name. */
export function consumerOf({ id, version }: Pick<View, "id" | "version">): ConsumerKey {
  return { owner: "", name: `view/${id}@${version}` };
}

/**
 * Puts together what the next changes concern, and acknowledges them with it. Those of a tenant of which nothing can be made now stay leased, and come again.
 *
 * @returns whether there were any.
 * @throws what `readChanges` does.
 */
export async function keepTurn(parts: KeepParts, view: View): Promise<boolean> {
  const consumer = consumerOf(view);
  const batch = await readChanges(parts, consumer, { limit: mostChanges, mostBytes, leaseMs });
  if (batch.batch === null) return false;
  const failed: string[] = [];
  const make = async ([tenant, changes]: readonly [string, readonly GivenChange[]]): Promise<readonly MadeRows[]> => {
    try {
      return [await makeRows(parts, view, tenant, changes)];
    } catch (error) {
      // Such as the keys of one tenant, or what a mapping cannot do with one record: nobody else's rows wait for it.
      parts.logger.warn({ error, view: view.id, tenant }, "Rows of a view could not be put together for one tenant; it is tried again.");
      failed.push(tenant);
      return [];
    }
  };
  const made = await Promise.all([...Map.groupBy(batch.items, ({ tenant }) => tenant)].map(make));
  await write(parts, consumer, batch, { made: made.flat(), failed });
  return true;
}

interface MadeRows extends RowsKey {
  readonly rows: readonly ViewRow[];
  readonly gone: readonly string[];
}

/** The rows of everything that these changes concern, as the records are now. */
async function makeRows(parts: KeepParts, view: View, tenant: string, changes: readonly GivenChange[]): Promise<MadeRows> {
  const key = { tenant, view: view.id, version: view.version };
  const previous = changes.flatMap((change) => (change.previous === null ? [] : [change.previous]));
  // A record that was merged or taken apart was something else before.
  const owners = previous.length === 0 ? [] : [...(await readOwners(parts.db, tenant, previous)).values()].map(({ record }) => record);
  const ids = [...new Set([...changes.map(({ record }) => record), ...owners])];
  const records = (await readRecords(parts, tenant, ids)).filter(
    ({ model, deletedAt, data }) => model === view.of.model && deletedAt === null && data !== null,
  );
  const byId = Map.groupBy(records, ({ id }) => id);
  const made = [...byId].map(([id, own]) => ({
    id,
    position: Math.max(...own.map(({ position }) => position)),
    contents: toContents(parts, view, own),
  }));
  const sealed = await parts.cipher.seal(
    made.map(({ id, contents }) => ({ tenant, purpose: rowPurpose(key, id), value: Buffer.from(JSON.stringify(contents)) })),
  );
  const rows = made.flatMap(({ id, position }, index) => (sealed[index] === undefined ? [] : [{ id, position, contents: sealed[index] }]));
  return { ...key, rows, gone: ids.filter((id) => !byId.has(id)) };
}

function toContents({ catalog }: KeepParts, view: View, records: readonly ShownRecord[]): RowContents {
  const known = records.map((record) => {
    const connection = catalog.connections.get(record.connection);
    return { record, connection, connector: catalog.connectors.get(connection?.connector ?? "") };
  });
  const { data, from } = combineRecords(
    view,
    known.map(({ record, connection }) => ({ ...record, provider: connection?.connector ?? "" })),
  );
  const sources = known.map(({ record, connection, connector }) => {
    const mapping = connector?.mappings?.find(({ model, resource }) => model.model === view.of.model && resource === record.resource);
    const url = record.raw === null || record.raw === undefined ? undefined : mapping?.url(record.raw as never, connection?.settings ?? {});
    return {
      provider: connection?.connector ?? "",
      connection: record.connection,
      resource: record.resource,
      externalId: record.externalId,
      url: url ?? null,
      position: record.position,
      sync: record.lineage.sync,
      changedAt: record.lineage.changedAt,
    };
  });
  return { data, from, sources };
}

/** The cursors are locked first: who does not hold a tenant's changes any more writes nothing of it. */
async function write(
  { db }: KeepParts,
  consumer: ConsumerKey,
  { batch }: ChangeBatch,
  { made, failed }: { readonly made: readonly MadeRows[]; readonly failed: readonly string[] },
): Promise<void> {
  if (batch === null) return;
  await db.transaction().execute(async (tx) => {
    const held = new Map(
      (await acknowledgeWithin(tx, consumer, batch, { except: failed })).map(({ tenant, position }) => [tenant, position]),
    );
    const own = made.filter(({ tenant }) => held.has(tenant));
    for (const { rows, gone, ...key } of own) {
      await upsertRows(tx, key, rows);
      await deleteRows(tx, key, gone);
    }
    const ends = await readPositions(tx, [...held.keys()]);
    for (const key of own) if ((held.get(key.tenant) ?? 0) >= (ends.get(key.tenant) ?? 0)) await insertBuild(tx, key);
  });
}

/** The consumer stands before what is kept: everything has to be put together anew. */
export function isTooFarBehind(error: unknown): boolean {
  return isBelayError(error) && error.code === "FEED_TOO_FAR_BEHIND";
}
