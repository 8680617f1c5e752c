import { sql } from "kysely";
import type { Db } from "../db/index.ts";

const mostMailboxes = 1_000;

/** How long the oldest unfinished message of each tenant has waited, ms. Looks at up to a thousand mailboxes of each; who has none is not in it. */
export async function readOldestOf(db: Db, tenants: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ tenant: string; ageMs: number }>`
    select t.tenant, (extract(epoch from (select belay.now()) - min(x.received_at)) * 1000)::float8 as "ageMs"
    from json_array_elements_text(${JSON.stringify(tenants)}::json) as t(tenant)
    cross join lateral (select id from belay.mailbox m where m.tenant = t.tenant and m.due_at is not null limit ${mostMailboxes}) m
    cross join lateral (
      select received_at from belay.message x where x.tenant = t.tenant and x.mailbox = m.id order by x.id limit 1
    ) x
    group by 1
  `.execute(db);
  return new Map(rows.map(({ tenant, ageMs }) => [tenant, ageMs]));
}

/** Unfinished messages of tenants, counted one by one, of each up to `most`. For a job in the background. */
export async function countOf(db: Db, tenants: readonly string[], most: number): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ tenant: string; messages: number }>`
    select t.tenant, (select count(*) from (select from belay.message m where m.tenant = t.tenant limit ${most}) found)::float8 as messages
    from json_array_elements_text(${JSON.stringify(tenants)}::json) as t(tenant)
  `.execute(db);
  return new Map(rows.map(({ tenant, messages }) => [tenant, messages]));
}

/** What unfinished messages and large payloads take on the disk. */
export async function readStoredBytes(db: Db): Promise<number> {
  const { rows } = await sql<{
    bytes: number;
  }>`select (pg_total_relation_size('belay.message') + pg_total_relation_size('belay.blob'))::float8 as bytes`.execute(db);
  return rows[0]?.bytes ?? 0;
}
