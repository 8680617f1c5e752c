import type { Limit } from "@belay/sdk";
import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** Which connection. */
export interface ConnectionKey {
  readonly tenant: string;
  readonly id: string;
}

/** What is kept of a connection that was made while Belay runs; of one of the configuration only what became of it. */
export interface ConnectionRow extends ConnectionKey {
  readonly connector: string;
  /** It is one of the configuration: what it is stands there. */
  readonly configured: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly baseUrl: string | null;
  readonly limits: readonly Limit[] | null;
  readonly endpoint: string | null;
  /** Sealed. */
  readonly webhookSecrets: Uint8Array | null;
  /** Sealed. */
  readonly account: Uint8Array | null;
  readonly connectedBy: string | null;
  /** ISO 8601, as the other times. */
  readonly connectedAt: string | null;
  readonly disconnectedBy: string | null;
  readonly disconnectedAt: string | null;
  readonly removed: boolean;
  /** Rises with each change. */
  readonly changed: string;
}

const time = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

const columns = sql`
  tenant, id, connector, configured, settings, base_url as "baseUrl", limits, endpoint, webhook_secrets as "webhookSecrets", account, connected_by as "connectedBy",
  ${time("connected_at")} as "connectedAt", disconnected_by as "disconnectedBy", ${time("disconnected_at")} as "disconnectedAt", removed_at is not null as removed,
  changed::text as changed
`;

/** Transactions from this one on may not be visible yet. */
export async function readHorizon(db: Db): Promise<string> {
  const { rows } = await sql<{ horizon: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db);
  return rows[0]?.horizon ?? "0";
}

/** Rows that were changed by a transaction from `from.changed` on, after the row `from`, in a stable order. */
export async function readChanged(
  db: Db,
  from: { readonly changed: string; readonly id: string },
  limit: number,
): Promise<ConnectionRow[]> {
  const { rows } = await sql<ConnectionRow>`
    select ${columns} from belay.connection c
    where (c.changed, c.id) > (${from.changed}::text::xid8, ${from.id}) order by c.changed, c.id limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Those that there is a row of. */
export async function readRows(db: Db, keys: readonly ConnectionKey[]): Promise<ConnectionRow[]> {
  const { rows } = await sql<ConnectionRow>`
    select ${columns} from json_to_recordset(${JSON.stringify(keys.map(({ tenant, id }) => ({ x_tenant: tenant, x_id: id })))}::json) as x(x_tenant text, x_id text)
    cross join lateral (select * from belay.connection c where c.tenant = x_tenant and c.id = x_id and c.removed_at is null limit 1) c
  `.execute(db);
  return rows;
}

/** Connections of a tenant that were made while Belay runs, the first that was made first. */
export async function readOfTenant(db: Db, tenant: string): Promise<ConnectionRow[]> {
  const { rows } = await sql<ConnectionRow>`
    select ${columns} from belay.connection c where tenant = ${tenant} and not configured and removed_at is null order by created_at, id
  `.execute(db);
  return rows;
}

/** Nobody else adds a connection of this tenant until the transaction ends. */
export async function lockTenant(tx: Db, tenant: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`belay connections\n${tenant}`}, 0))`.execute(tx);
}

/** @returns whether it was new: of several who store the same id one does. */
export async function insertConnection(
  db: Db,
  row: Pick<ConnectionRow, "tenant" | "id" | "connector" | "configured" | "settings" | "baseUrl" | "limits" | "endpoint">,
): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.connection (tenant, id, connector, configured, settings, base_url, limits, endpoint)
    values (${row.tenant}, ${row.id}, ${row.connector}, ${row.configured}, ${JSON.stringify(row.settings)}::json, ${row.baseUrl},
      ${row.limits === null ? null : JSON.stringify(row.limits)}::json, ${row.endpoint})
    on conflict do nothing returning 1
  `.execute(db);
  return rows.length > 0;
}

/** It has a credential from now on; one that was given up before is not taken back any more, which at some providers would end the new one too. @returns whether there is such a connection. */
export async function markConnected(
  db: Db,
  { tenant, id }: ConnectionKey,
  by: { readonly actor: string; readonly account: Uint8Array; readonly settings?: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { rows } = await sql`
    update belay.connection set account = ${by.account}::bytea, connected_by = ${by.actor}, connected_at = belay.now(), disconnected_by = null,
      disconnected_at = null, revoking = null, changed = pg_current_xact_id(),
      settings = coalesce(${by.settings === undefined ? null : JSON.stringify(by.settings)}::json, settings)
    where tenant = ${tenant} and id = ${id} and removed_at is null returning 1
  `.execute(db);
  return rows.length > 0;
}

/** @returns whether it was connected until now. */
export async function markDisconnected(
  db: Db,
  { tenant, id }: ConnectionKey,
  actor: string,
  revoking: Uint8Array | undefined,
): Promise<boolean> {
  const { rows } = await sql`
    update belay.connection set disconnected_by = ${actor}, disconnected_at = belay.now(), revoking = ${revoking ?? null}::bytea, changed = pg_current_xact_id()
    where tenant = ${tenant} and id = ${id} and removed_at is null and disconnected_at is null returning 1
  `.execute(db);
  return rows.length > 0;
}

/** @returns whether there is such a connection, with an endpoint. */
export async function replaceWebhookSecrets(db: Db, { tenant, id }: ConnectionKey, sealed: Uint8Array): Promise<boolean> {
  const { rows } = await sql`
    update belay.connection set webhook_secrets = ${sealed}::bytea, changed = pg_current_xact_id()
    where tenant = ${tenant} and id = ${id} and removed_at is null and endpoint is not null returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Leaves a mark only, without anything that is secret or names people. @returns whether it was there, and disconnected. */
export async function markRemoved(db: Db, { tenant, id }: ConnectionKey): Promise<boolean> {
  const { rows } = await sql`
    update belay.connection set removed_at = belay.now(), webhook_secrets = null, account = null, endpoint = null, changed = pg_current_xact_id()
    where tenant = ${tenant} and id = ${id} and removed_at is null and not configured and disconnected_at is not null returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Deletes marks that every process has seen long ago. @returns whose, at most `limit`. */
export async function deleteMarks(db: Db, days: number, limit: number): Promise<ConnectionKey[]> {
  const { rows } = await sql<ConnectionKey>`
    delete from belay.connection where ctid = any (array(
      select ctid from belay.connection where removed_at < (select belay.now()) - ${days}::float8 * interval '1 day' limit ${limit}::integer
    )) returning tenant, id
  `.execute(db);
  return rows;
}

export const connectionChannel = "belay_connection";

/** Tells the other processes that there is something to read; delivered when the transaction commits. */
export async function notifyFollowers(db: Db): Promise<void> {
  await sql`select pg_notify(${connectionChannel}, '')`.execute(db);
}
