import { sql } from "kysely";
import { expect, test } from "vitest";
import { freshPostgres } from "../../../../test/setup/database.ts";
import { openDatabase } from "./open-database.ts";

test("a transaction that stands still in the middle gives its locks back", async () => {
  const url = await freshPostgres();
  await using stopped = openDatabase({ kind: "postgres", url, connections: 1 }, undefined, 200);
  await using other = openDatabase({ kind: "postgres", url, connections: 1 });
  await sql`insert into belay.mailbox (tenant, id, connection, lane) values ('t', 'c/event', 'c', 'event')`.execute(other.db);

  const transaction = await stopped.db.startTransaction().execute();
  await sql`select from belay.mailbox for update`.execute(transaction);
  // Waits for the lock; the statement after it finds that its connection is gone.
  const { rows } = await sql`select from belay.mailbox for update`.execute(other.db);
  expect(rows).toHaveLength(1);
  await expect(sql`select 1`.execute(transaction)).rejects.toThrow();
  await transaction
    .rollback()
    .execute()
    .catch(() => {});
});
