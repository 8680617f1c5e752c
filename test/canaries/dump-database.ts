import pg from "pg";

/** All that is in a database, as text: what is bytes with its letters readable. */
export async function dumpDatabase(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("set bytea_output = 'escape'");
  const { rows: tables } = await client.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('belay', 'pgboss')",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
    texts.push(`${name}\n${rows.map(({ text }) => text).join("\n")}`);
  }
  await client.end();
  return texts.join("\n");
}
