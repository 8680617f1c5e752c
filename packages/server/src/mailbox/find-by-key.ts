import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface KeyFilter {
  readonly tenant?: string | undefined;
  /** What the provider calls the event, or the order key: whole, or without the connection before it. */
  readonly key: string;
  /** Only ids below this one. */
  readonly below: number;
}

export interface FoundByKey {
  readonly id: number;
  readonly by: "event" | "order";
}

/** So many of the newest of each mailbox are looked at: what waits has no index by its keys, which every message would pay for. */
const newestOfMailbox = 10_000;

const ownOrderKey = sql.raw("substr(order_key, length(connection) + 2)");

/** Ids of messages whose event or order key is `key`, newest first. Of what waits, the newest 10,000 of each mailbox are looked through. */
export async function findByKey(db: Db, { tenant, key, below }: KeyFilter, limit: number): Promise<FoundByKey[]> {
  const ofTenant = tenant === undefined ? sql`` : sql`and tenant = ${tenant}`;
  // By -id: "order by id" would tempt the planner to walk through all messages by their ids.
  const rest = sql`and -id > -${below}::bigint ${ofTenant} order by -id limit ${limit}`;
  const part = (by: FoundByKey["by"], table: "history" | "dead_letter", where: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(select id, ${by}::text as by from ${sql.table(`belay.${table}`)} where ${where} ${rest})`;
  // Index entries are made of the order key without its connection: whoever gives both is held to both.
  const slash = key.indexOf("/");
  const orders = slash < 0 ? [key] : [key, key.slice(slash + 1)];
  const ofOrder = (order: string): RawBuilder<unknown> =>
    sql`${ownOrderKey} = ${order} ${order === key ? sql`` : sql`and order_key = ${key}`}`;
  const parts = [
    part("event", "history", sql`hashtextextended(event_key, 0) = hashtextextended(${key}, 0) and event_key = ${key}`),
    part("event", "dead_letter", sql`event_key = ${key}`),
    ...orders.flatMap((order) => [
      part("order", "history", sql`hashtextextended(${ownOrderKey}, 0) = hashtextextended(${order}, 0) and ${ofOrder(order)}`),
      part("order", "dead_letter", ofOrder(order)),
    ]),
    sql`(select id, case when event_key = ${key} then 'event' else 'order' end as by
      from (select tenant as of_tenant, id as of_mailbox from belay.mailbox ${tenant === undefined ? sql`` : sql`where tenant = ${tenant}`}) boxes
      cross join lateral (
        select * from belay.message where tenant = of_tenant and mailbox = of_mailbox order by id desc limit ${newestOfMailbox}
      ) newest
      where (event_key = ${key} or order_key = ${key} or ${ownOrderKey} = ${key}) ${rest})`,
  ];
  const { rows } =
    await sql<FoundByKey>`select id, by from (${sql.join(parts, sql` union all `)}) found order by id desc limit ${limit}`.execute(db);
  return rows;
}
