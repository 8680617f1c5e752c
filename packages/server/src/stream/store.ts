import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { EventName } from "./taxonomy.ts";

/** A change of state, to be written down. */
export interface NewEvent {
  readonly type: EventName;
  /** Default: the installation itself. */
  readonly tenant?: string;
  readonly connection?: string;
  readonly flow?: string;
  readonly message?: number;
  /** What people call the thing: the order key of a message. */
  readonly reference?: string;
  /** Who did it. Default: Belay itself. */
  readonly actor?: string;
  /** The code of what led to it. */
  readonly cause?: string;
  /** W3C traceparent. */
  readonly trace?: string;
  readonly data?: Readonly<Record<string, string | number | boolean>>;
}

/** An event as it was written down. */
export interface StoredEvent {
  readonly transaction: string;
  readonly number: number;
  readonly type: string;
  readonly at: string;
  readonly tenant: string;
  readonly connection: string | null;
  readonly flow: string | null;
  readonly message: number | null;
  readonly reference: string | null;
  readonly actor: string | null;
  readonly cause: string | null;
  readonly trace: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where a reader goes on. */
export interface StreamPlace {
  readonly transaction: string;
  readonly number: number;
}

export async function insertEvents(db: Db, events: readonly NewEvent[]): Promise<void> {
  await sql`
    insert into belay.event (tenant, type, connection, flow, message, reference, actor, cause, trace, data)
    select coalesce(tenant, ''), type, connection, flow, message, reference, actor, cause, trace, coalesce(data, '{}')
    from json_to_recordset(${JSON.stringify(events)}::json) as x(tenant text, type text, connection text, flow text, message bigint, reference text,
      actor text, cause text, trace text, data json)
  `.execute(db);
}

/**
 * The insert of an event for each message that a `with` clause has changed, so that the change and its event are one statement.
 *
 * @param changed The clause's name; it returns whole rows of messages or dead letters.
 */
export function insertEventsOf(
  type: EventName,
  changed: string,
  { actor, data }: { readonly actor?: string; readonly data?: RawBuilder<unknown> } = {},
): RawBuilder<unknown> {
  return sql`
    insert into belay.event (tenant, type, connection, flow, message, reference, actor, cause, trace, data)
    select tenant, ${type}, connection, flow, id, order_key, ${actor ?? null}::text, code, trace, ${data ?? sql`'{}'::json`} from ${sql.raw(changed)}
  `;
}

export interface EventFilter {
  readonly tenant?: string;
  readonly type?: string;
  readonly after?: StreamPlace;
}

/** Events in the order of commit. What a transaction wrote that is younger than one still running is not shown yet: the older one could write before it. */
export async function readEvents(db: Db, { tenant, type, after }: EventFilter, limit: number): Promise<StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    select transaction::text, number, type, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, tenant, connection, flow, message, reference, actor,
      cause, trace, data
    from belay.event e
    where (${tenant ?? null}::text is null or tenant = ${tenant ?? null}::text) and (${type ?? null}::text is null or type = ${type ?? null}::text)
      and (e.transaction, e.number) > (${after?.transaction ?? "0"}::text::xid8, ${after?.number ?? 0}::bigint)
      and e.transaction < pg_snapshot_xmin(pg_current_snapshot())
    -- Not the text of the same name.
    order by e.transaction, e.number limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Forgets what is older than so many days. @returns how many were deleted, at most `limit`. */
export async function deleteOldEvents(db: Db, days: number, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.event where ctid = any (array(
        select ctid from belay.event where at < belay.now() - ${days}::float8 * interval '1 day' limit ${limit}::integer
      )) returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}
