import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { cacheJobs } from "./index.ts";

describe.each(databases)("sweeping the cache on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("forgets of every tenant what is too old for every call and flights that never landed, and nothing else", async () => {
    const { db } = database;
    await sql`
      insert into belay.cache_entry (tenant, connection, resource, key, value, bytes, known_at, flight, flight_at, flight_until)
      select tenant, 'c', name, decode(md5(name), 'hex'), case when known is not null then '\\x01'::bytea end, 1, belay.now() - known, case when asked is not null then gen_random_uuid() end,
        belay.now() - asked, belay.now() - asked + interval '1 hour'
      from (values ('acme'), ('globex'), ('initech')) t(tenant) cross join (values
        ('old', interval '25 hours', null), ('young', interval '23 hours', null), ('old, and asked for', interval '25 hours', interval '1 minute'),
        ('never landed', null, interval '26 hours'), ('about to land', null, interval '1 minute'), ('empty', null, null)
      ) e(name, known, asked)
    `.execute(db);
    for (const job of cacheJobs(db)) await job.run();
    const { rows } = await sql<{ tenant: string; names: string[] }>`
      select tenant, array_agg(resource order by resource) as names from belay.cache_entry group by tenant order by tenant
    `.execute(db);
    const names = ["about to land", "old, and asked for", "young"];
    expect(rows).toEqual(["acme", "globex", "initech"].map((tenant) => ({ tenant, names })));
  });
});
