import type { BenchPostgres } from "../support/database.ts";

/** What was spoilt: external ids, and the class that each has to be named by. */
export type Planted = Map<string, string>;

/** The numbers of the records that are spoilt each way. */
export interface Ways {
  readonly [way: string]: readonly number[];
}

const waysInDatabase: Readonly<Record<string, { readonly of: string; readonly text: string }>> = {
  lost: { of: "missing", text: "delete from belay.record where external_id = any($1)" },
  forgotten: { of: "missing", text: "update belay.record set hash = null, deleted_at = now() where external_id = any($1)" },
  mapped: { of: "differing", text: "update belay.record set hash = decode(md5('other'), 'hex') where external_id = any($1)" },
  keyed: { of: "differing", text: "update belay.record set match_keys = array[decode(md5('other'), 'hex')] where external_id = any($1)" },
  // As if a newer version had come: no sync would ever touch it again.
  ahead: {
    of: "differing",
    text: "update belay.record set hash = decode(md5('ahead'), 'hex'), source_version = 1000000 where external_id = any($1)",
  },
  // The contents of the version before in the place of the newest, under a hash that is right.
  damaged: {
    of: "differing",
    text: `update belay.change c set contents = o.contents from belay.record r, belay.change o
      where r.external_id = any($1) and c.tenant = r.tenant and c.position = r.position and o.tenant = c.tenant and o.position = c.previous`,
  },
  // The next record's canonical id.
  linked: {
    of: "wrongly-linked",
    text: `update belay.record r set id = o.id from belay.record o
      where r.external_id = any($1) and o.external_id = lpad((r.external_id::integer + 1)::text, 9, '0')`,
  },
};

const copies = `insert into belay.record (tenant, connection, resource, external_id, id, model, hash, source_version, position, match_keys)
  select tenant, connection, resource, 'copy-' || external_id, id, model, hash, source_version, position, match_keys from belay.record where external_id = any($1)`;

/** Draws which records are spoilt which way: so many each, far enough from each other that a way does not touch another's. */
export function drawWays(records: number, each: number): Ways {
  const names = [...Object.keys(waysInDatabase), "copied", "changed", "deleted"];
  const step = Math.floor(records / (each * names.length));
  return Object.fromEntries(
    names.map((name, way) => [name, Array.from({ length: each }, (_, index) => (index * names.length + way) * step)]),
  );
}

/** Spoils them in the database as bugs, accidents and restored backups do. What the provider does, `changed` and `deleted`, is for the caller. */
export async function plant(postgres: BenchPostgres, url: string, ways: Ways): Promise<Planted> {
  const planted: Planted = new Map();
  for (const [way, { of, text }] of Object.entries(waysInDatabase)) {
    const ids = idsOf(ways[way]);
    await postgres.query(url, text, [ids]);
    for (const id of ids) planted.set(id, of);
  }
  const copied = idsOf(ways["copied"]);
  await postgres.query(url, copies, [copied]);
  for (const id of copied) planted.set(`copy-${id}`, "duplicated");
  for (const id of idsOf(ways["changed"])) planted.set(id, "stale");
  for (const id of idsOf(ways["deleted"])) planted.set(id, "extra");
  return planted;
}

function idsOf(numbers: readonly number[] = []): string[] {
  return numbers.map((number) => String(number).padStart(9, "0"));
}

const tables = ["record", "change", "feed", "record_trouble", "pending_delete", "sync_setting"];

/** A checksum of each table that a dry run must leave as it is. */
export async function fingerprintOf(postgres: BenchPostgres, url: string): Promise<readonly string[]> {
  const sums: string[] = [];
  for (const table of tables) {
    const [row] = await postgres.query<{ sum: string }>(
      url,
      `select count(*) || ' ' || coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0) as sum from belay.${table} t`,
    );
    sums.push(`${table} ${row?.sum}`);
  }
  return sums;
}
