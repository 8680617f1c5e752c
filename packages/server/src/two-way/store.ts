import type { SideName } from "@belay/sdk/two-way";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Creation, LinkKey, LinkRow, MergedSide, Standing, TwoWayKey } from "./types.ts";

/** A two-way sync of a tenant and the connections that are its sides. */
export interface TwoWayRow extends TwoWayKey {
  readonly a: string;
  readonly b: string;
  /** Whatever changed up to here was looked at. */
  readonly position: number;
  /** The end of the feed when it began between these connections. */
  readonly begun: number;
}

/** Makes sure that these have a row, from the beginning of the feed on where they are new or stand between other connections now. @returns those of the latter. */
export async function ensureTwoWays(tx: Db, rows: readonly Omit<TwoWayRow, "position">[]): Promise<TwoWayKey[]> {
  const { rows: moved } = await sql<TwoWayKey & { isNew: boolean }>`
    insert into belay.two_way as t (tenant, two_way, a_connection, b_connection, begun)
    select tenant, "twoWay", a, b, begun
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", "twoWay" text collate "C", a text, b text, begun bigint)
    order by 1, 2
    on conflict (tenant, two_way) do update set a_connection = excluded.a_connection, b_connection = excluded.b_connection, position = 0, begun = excluded.begun, at = belay.now()
      where (t.a_connection, t.b_connection) is distinct from (excluded.a_connection, excluded.b_connection)
    returning tenant, two_way as "twoWay", xmax = 0 as "isNew"
  `.execute(tx);
  return moved.filter(({ isNew }) => !isNew);
}

/** What was agreed on between other connections says nothing any more. */
export async function forgetLinks(tx: Db, { tenant, twoWay }: TwoWayKey): Promise<void> {
  await sql`delete from belay.two_way_conflict where tenant = ${tenant} and two_way = ${twoWay}`.execute(tx);
  await sql`delete from belay.two_way_link where tenant = ${tenant} and two_way = ${twoWay}`.execute(tx);
}

/** How far two-way syncs have come; one that has no row is missing. */
export async function readTwoWayRows(db: Db, keys: readonly TwoWayKey[]): Promise<TwoWayRow[]> {
  const { rows } = await sql<TwoWayRow>`
    select t.tenant, t.two_way as "twoWay", t.a_connection as a, t.b_connection as b, t.position, t.begun
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", "twoWay" text collate "C")
    cross join lateral (select * from belay.two_way t where t.tenant = x.tenant and t.two_way = x."twoWay" limit 1) t
  `.execute(db);
  return rows;
}

/** Moves one on, if nobody else has, and nobody is about to. Its row stays locked: of several processes one takes a turn. @returns whether it moved. */
export async function moveTwoWay(tx: Db, { tenant, twoWay, a, b, position }: TwoWayRow, to: number): Promise<boolean> {
  const { rows } = await sql`
    select from belay.two_way where tenant = ${tenant} and two_way = ${twoWay} and a_connection = ${a} and b_connection = ${b} and position = ${position}::bigint
    for update skip locked
  `.execute(tx);
  if (rows.length === 0) return false;
  if (to === position) return true;
  await sql`update belay.two_way set position = ${to}::bigint, at = belay.now() where tenant = ${tenant} and two_way = ${twoWay}`.execute(
    tx,
  );
  return true;
}

const linkColumns = sql`l.record, l.revision, l.state, json_build_object('id', l.a_id, 'position', l.a_position) as a,
  json_build_object('id', l.b_id, 'position', l.b_position) as b, l.stands, l.awaits, l.creation,
  l.looked_since::text as "lookedSince", l.code`;

/** Of these things those that are known. */
export async function readLinks(db: Db, { tenant, twoWay }: TwoWayKey, records: readonly string[]): Promise<ReadonlyMap<string, LinkRow>> {
  const { rows } = await sql<LinkRow>`
    select ${linkColumns} from json_array_elements_text(${JSON.stringify(records)}::json) x(record)
    cross join lateral (select * from belay.two_way_link l where l.tenant = ${tenant} and l.two_way = ${twoWay} and l.record = x.record limit 1) l
  `.execute(db);
  return new Map(rows.map((row) => [row.record, row]));
}

/** One thing; locked until the transaction ends. */
export async function lockLink(tx: Db, { tenant, twoWay, record }: LinkKey): Promise<{ readonly revision: number } | undefined> {
  const { rows } = await sql<{ revision: number }>`
    select revision from belay.two_way_link where tenant = ${tenant} and two_way = ${twoWay} and record = ${record} for update
  `.execute(tx);
  return rows[0];
}

/** A thing that something is to be done about; `awaits`: it has first to be looked for at that side. */
export interface WantedLink {
  readonly record: string;
  readonly awaits: SideName | null;
}

/** Notes that things have to be merged. One that is known and is not to be looked for only stands differently; its state is left alone. */
export async function wantLinks(tx: Db, { tenant, twoWay }: TwoWayKey, links: readonly WantedLink[]): Promise<void> {
  await sql`
    insert into belay.two_way_link as l (tenant, two_way, record, stands, awaits, awaits_since)
    select ${tenant}, ${twoWay}, record, 'waiting', awaits, case when awaits is not null then belay.now() end
    from json_to_recordset(${JSON.stringify(links)}::json) as x(record text collate "C", awaits text)
    order by record
    on conflict (tenant, two_way, record) do update set stands = 'waiting' where l.stands <> 'waiting'
  `.execute(tx);
}

/** Forgets things that are others now. */
export async function dropLinks(tx: Db, { tenant, twoWay }: TwoWayKey, records: readonly string[]): Promise<void> {
  await sql`
    delete from belay.two_way_conflict
    where tenant = ${tenant} and two_way = ${twoWay} and record = any (array(select json_array_elements_text(${JSON.stringify(records)}::json)))
  `.execute(tx);
  await sql`
    delete from belay.two_way_link
    where tenant = ${tenant} and two_way = ${twoWay} and record = any (array(select json_array_elements_text(${JSON.stringify(records)}::json)))
  `.execute(tx);
}

/** A two-way sync that has things to be looked for at a side. */
export interface AwaitingPlace extends TwoWayKey {
  readonly awaits: SideName;
}

/** Two-way syncs that have things to be looked for, from behind one of them on. What it costs depends on how many such there are, and not on how many things. */
export async function listAwaiting(db: Db, after: AwaitingPlace | undefined, limit: number): Promise<AwaitingPlace[]> {
  const { tenant, twoWay, awaits } = after ?? { tenant: "", twoWay: "", awaits: "" };
  const { rows } = await sql<AwaitingPlace>`
    with recursive place as (
      (select tenant, two_way, awaits from belay.two_way_link where awaits is not null and awaits_since < 'infinity' and (tenant, two_way, awaits) > (${tenant}, ${twoWay}, ${awaits})
        order by tenant, two_way, awaits limit 1)
      union all
      select n.* from place p cross join lateral (
        select l.tenant, l.two_way, l.awaits from belay.two_way_link l where l.awaits is not null and l.awaits_since < 'infinity' and (l.tenant, l.two_way, l.awaits) > (p.tenant, p.two_way, p.awaits)
        order by l.tenant, l.two_way, l.awaits limit 1
      ) n
    )
    select tenant, two_way as "twoWay", awaits from place limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Things that were waiting for a look when one began. */
export async function listLookedFor(db: Db, { tenant, twoWay, awaits }: AwaitingPlace, since: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ record: string }>`
    select record from belay.two_way_link
    where tenant = ${tenant} and two_way = ${twoWay} and awaits = ${awaits} and awaits_since < ${since}::timestamptz
    order by awaits_since limit ${limit}::integer
  `.execute(db);
  return rows.map(({ record }) => record);
}

/** Where things lie, each found from its key and locked in one order: were they joined to the keys, a plan might walk through all that a two-way sync has. */
const placesOf = ({ tenant, twoWay }: TwoWayKey, records: readonly string[]): RawBuilder<unknown> => sql`
  select p.place from json_array_elements_text(${JSON.stringify(records.toSorted())}::json) x(record)
  cross join lateral (
    select l.ctid as place from belay.two_way_link l where l.tenant = ${tenant} and l.two_way = ${twoWay} and l.record = x.record limit 1 for update
  ) p
`;

/** They are not there, or were found, by a walk that began then: they wait for no look any more. */
export async function endAwaiting(
  tx: Db,
  { tenant, twoWay, awaits }: AwaitingPlace,
  since: string,
  records: readonly string[],
): Promise<void> {
  await sql`
    update belay.two_way_link l set awaits = null, awaits_since = null, creation = 'looked', looked_since = ${since}::timestamptz, revision = l.revision + 1
    from (${placesOf({ tenant, twoWay }, records)}) x
    where l.ctid = x.place and l.awaits = ${awaits}
  `.execute(tx);
}

/** Things that no look helps: somebody is asked about them. */
export async function setUnderReview(tx: Db, { tenant, twoWay, awaits }: AwaitingPlace, records: readonly string[]): Promise<void> {
  await sql`
    update belay.two_way_link l set awaits_since = 'infinity', code = 'TWO_WAY_REVIEW_OPEN'
    from (${placesOf({ tenant, twoWay }, records)}) x
    where l.ctid = x.place and l.awaits = ${awaits}
  `.execute(tx);
}

/** Somebody has decided about things: those that were waiting for it are looked for once more, and then go on. */
export async function awaitAgain(tx: Db, tenant: string, records: readonly string[]): Promise<void> {
  await sql`
    update belay.two_way_link l set awaits_since = belay.now(), code = null
    from (
      select p.place from (
        select t.two_way, x.record from belay.two_way t cross join json_array_elements_text(${JSON.stringify(records)}::json) x(record)
        where t.tenant = ${tenant} order by 1, 2
      ) x
      cross join lateral (
        select l.ctid as place from belay.two_way_link l where l.tenant = ${tenant} and l.two_way = x.two_way and l.record = x.record limit 1 for update
      ) p
    ) x
    where l.ctid = x.place and l.awaits_since = 'infinity'
  `.execute(tx);
}

/** What a merge leaves behind. */
export interface LinkMove extends LinkKey {
  /** Sealed. */
  readonly state: Uint8Array;
  readonly a: MergedSide;
  readonly b: MergedSide;
  readonly stands: Standing;
  readonly awaits: SideName | null;
  readonly creation: Creation | null;
  readonly code: string | null;
}

/** Keeps what was merged. The caller holds the row. */
export async function moveLink(tx: Db, move: LinkMove): Promise<void> {
  const { tenant, twoWay, record, state, a, b, stands, awaits, creation, code } = move;
  await sql`
    update belay.two_way_link set revision = revision + 1, state = ${state}, a_id = ${a.id}, a_position = ${a.position}::bigint, b_id = ${b.id}, b_position = ${b.position}::bigint,
      stands = ${stands}, awaits = ${awaits}, awaits_since = case when ${awaits}::text is not null then belay.now() end, creation = ${creation}, code = ${code}, at = belay.now()
    where tenant = ${tenant} and two_way = ${twoWay} and record = ${record}
  `.execute(tx);
}

/** Notes that a create is about to be sent, or that it was not. @returns whether the thing was as it is said to be. */
export async function setCreation(tx: Db, { tenant, twoWay, record }: LinkKey, revision: number, creation: Creation): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.two_way_link set creation = ${creation} where tenant = ${tenant} and two_way = ${twoWay} and record = ${record} and revision = ${revision}::integer
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Nothing more is tried with a write. The next change of the thing tries again. */
export async function failLink(tx: Db, { tenant, twoWay, record }: LinkKey, code: string): Promise<void> {
  await sql`
    update belay.two_way_link set stands = 'failed', code = ${code}, at = belay.now() where tenant = ${tenant} and two_way = ${twoWay} and record = ${record}
  `.execute(tx);
}

/** A thing as it is shown. */
export interface ShownLink extends LinkKey {
  readonly stands: Standing;
  /** The records that were merged, by the ids of their systems; null: that side has none. */
  readonly a: string | null;
  readonly b: string | null;
  /** The side at which it is looked for before it is created there. */
  readonly awaits: SideName | null;
  /** Why a write was given up, or waits for another look. */
  readonly code: string | null;
  /** When it was merged last, ISO 8601. */
  readonly at: string;
}

/** Things of a two-way sync by canonical id, from behind one of them on. */
export async function listLinks(
  db: Db,
  { tenant, twoWay, stands, record }: TwoWayKey & { readonly stands?: Standing | undefined; readonly record?: string | undefined },
  after: string,
  limit: number,
): Promise<ShownLink[]> {
  const { rows } = await sql<ShownLink>`
    select tenant, two_way as "twoWay", record, stands, a_id as a, b_id as b, awaits, code, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from belay.two_way_link
    where tenant = ${tenant} and two_way = ${twoWay} and record > ${after} and (${stands ?? null}::text is null or stands = ${stands ?? null})
      and (${record ?? null}::text is null or record = ${record ?? null})
    order by record limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** How many things stand how. Of one two-way sync after the other, by the index: joined to all of them at once, everything that is kept of each thing would be read. */
export async function countLinks(
  db: Db,
  keys: readonly TwoWayKey[],
): Promise<(TwoWayKey & { readonly stands: Standing; readonly count: number })[]> {
  const { rows } = await sql<TwoWayKey & { stands: Standing; count: number }>`
    select x.tenant, x."twoWay", c.stands, c.count
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", "twoWay" text collate "C")
    cross join lateral (
      select l.stands, count(*)::integer as count from belay.two_way_link l where l.tenant = x.tenant and l.two_way = x."twoWay" group by 1
    ) c
  `.execute(db);
  return rows;
}
