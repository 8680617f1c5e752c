import pg from "pg";

/** What was done to the records behind Belay's back, by external id: the class that it has to be named by. */
export type Planted = Map<string, string>;

/**
 * Spoils records of the address book in its database as bugs and accidents do, and leaves the provider as it is.
 *
 * @param ids The external ids to spoil, nine or more; every ninth the same way.
 */
export async function plant(url: string, ids: readonly string[]): Promise<Planted> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const planted: Planted = new Map();
  const spoil = async (id: string, of: string, text: string, values: readonly unknown[] = []): Promise<void> => {
    const { rowCount } = await client.query(text, [id, ...values]);
    if (rowCount !== 1) throw new Error(`Nothing was spoilt of ${id} (${of}).`);
    planted.set(id, of);
  };
  try {
    for (const [index, id] of ids.entries()) {
      const kind = index % 7;
      const partner = ids[index + 1];
      if (kind === 0) await spoil(id, "missing", "delete from belay.record where external_id = $1");
      if (kind === 1) await spoil(id, "missing", "update belay.record set hash = null, deleted_at = now() where external_id = $1");
      if (kind === 2) await spoil(id, "differing", `update belay.record set hash = decode(md5('other'), 'hex') where external_id = $1`);
      if (kind === 3)
        await spoil(id, "differing", "update belay.record set match_keys = array[decode(md5('x'), 'hex')] where external_id = $1");
      // Kept a second time, under an id that the provider does not list.
      if (kind === 4)
        await spoil(
          `${id}-copy`,
          "duplicated",
          `
          insert into belay.record (tenant, connection, resource, external_id, id, model, hash, source_version, position, match_keys)
          select tenant, connection, resource, $1, id || 'c', model, hash, source_version, position, match_keys from belay.record where external_id = $2`,
          [id],
        );
      if (kind === 5 && partner !== undefined)
        await spoil(
          id,
          "wrongly-linked",
          "update belay.record set id = (select id from belay.record where external_id = $2) where external_id = $1",
          [partner],
        );
    }
  } finally {
    await client.end();
  }
  return planted;
}

/** All that a dry run must leave as it is, as one text. */
export async function fingerprintOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = ["record", "change", "feed", "record_trouble", "pending_delete", "sync_setting"];
    const sums: string[] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ sum: string }>(
        `select count(*) || ' ' || coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0) as sum from belay.${table} t`,
      );
      sums.push(`${table} ${rows[0]?.sum}`);
    }
    return sums.join("\n");
  } finally {
    await client.end();
  }
}
