import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../test/setup/database.ts";
import { connectionJobs } from "./connections/index.ts";
import type { Database } from "./db/index.ts";
import { forgetConnections } from "./forget-connections.ts";

/** What is kept for a connection, besides its records. */
const tables = [
  "cache_entry",
  "cache_use",
  "sync",
  "walk",
  "walk_page",
  "pending_delete",
  "record_trouble",
  "reconcile_schedule",
  "reconciliation",
  "discrepancy",
];

describe.each(databases)("what is kept for connections on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("goes a week after they were removed, of those alone", async () => {
    const { db } = database;
    const fill = async (tenant: string, id: string, removedAt: string | null): Promise<void> => {
      await sql`
        insert into belay.connection (tenant, id, connector, configured, settings, removed_at) values (${tenant}, ${id}, 'shop', false, '{}', ${removedAt}::timestamptz)
      `.execute(db);
      await sql`insert into belay.cache_entry (tenant, connection, resource, key) values (${tenant}, ${id}, 'order', decode(md5(${id}), 'hex'))`.execute(
        db,
      );
      await sql`insert into belay.cache_use (tenant, connection, resource) values (${tenant}, ${id}, 'order')`.execute(db);
      await sql`insert into belay.sync (tenant, sync, connection) values (${tenant}, 'orders', ${id})`.execute(db);
      await sql`
        with walk as (
          insert into belay.walk (tenant, sync, connection, kind, lane, counts_seen, begun_after) values (${tenant}, 'orders', ${id}, 'first', 'sync', true, 0) returning id
        )
        insert into belay.walk_page (tenant, walk, page, ids) select ${tenant}, id, 1, '{}' from walk
      `.execute(db);
      await sql`insert into belay.pending_delete (tenant, sync, connection, external_id, walk) values (${tenant}, 'orders', ${id}, '1', 1)`.execute(
        db,
      );
      await sql`
        insert into belay.record_trouble (tenant, sync, connection, external_id, walk, code, contents) values (${tenant}, 'orders', ${id}, '1', 1, 'CODE', '\\x00')
      `.execute(db);
      await sql`insert into belay.reconcile_schedule (tenant, sync, connection, next_due) values (${tenant}, 'orders', ${id}, belay.now())`.execute(
        db,
      );
      await sql`
        with made as (
          insert into belay.reconciliation (tenant, sync, connection, sample, wanted_by) values (${tenant}, 'orders', ${id}, 0, 'x') returning id
        )
        insert into belay.discrepancy (tenant, reconciliation, external_id, class, why, repair) select ${tenant}, id, '1', 'missing', 'never-kept', 'write' from made
      `.execute(db);
    };
    await fill("acme", "conn_gone", "2020-01-01");
    await fill("acme", "conn_there", null);
    await fill("globex", "conn_other", new Date().toISOString());
    for (const job of connectionJobs(db, forgetConnections)) await job.run();
    const kept = await sql<{ id: string }>`select id from belay.connection order by id`.execute(db);
    expect(kept.rows.map(({ id }) => id)).toEqual(["conn_other", "conn_there"]);
    const counts = await Promise.all(
      tables.map(async (table) => {
        const { rows } = await sql<{ tenant: string }>`select tenant from belay.${sql.raw(table)} order by tenant`.execute(db);
        return [table, rows.map(({ tenant }) => tenant)];
      }),
    );
    expect(counts).toEqual(tables.map((table) => [table, ["acme", "globex"]]));
  });
});
