import type { WhyAmbiguous } from "@belay/sdk/identity";
import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { RecordName, RecordOrigin } from "../records/index.ts";
import type { Doubt } from "./identify.ts";

const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Asks for decisions. */
export async function insertReviews(
  tx: Db,
  { tenant, connection, resource }: Pick<RecordOrigin, "tenant" | "connection" | "resource">,
  doubts: readonly Doubt[],
): Promise<void> {
  await sql`
    insert into belay.match_review (tenant, connection, resource, external_id, record, candidates, why, keys)
    select ${tenant}, ${connection}, ${resource}, x."externalId", x.record, x.candidates, x.why, x.keys
    from json_to_recordset(${JSON.stringify(doubts)}::json) as x("externalId" text, record text, candidates jsonb, why text, keys jsonb)
  `.execute(tx);
}

export type ReviewState = "open" | "linked" | "apart";

/** A question to somebody: is this record one of these things? */
export interface ShownReview {
  readonly id: number;
  readonly connection: string;
  readonly resource: string;
  readonly externalId: string;
  /** Its canonical id for the time being. */
  readonly record: string;
  readonly candidates: readonly {
    readonly id: string;
    readonly agreesOn: readonly string[];
    readonly isTaken: boolean;
    readonly score: number;
  }[];
  readonly why: WhyAmbiguous;
  readonly state: ReviewState;
  /** ISO 8601. */
  readonly at: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
}

const reviewColumns = sql`id, connection, resource, external_id as "externalId", record, candidates, why, state, ${iso("at")} as at,
  ${iso("decided_at")} as "decidedAt", decided_by as "decidedBy"`;

/** Reviews of a tenant, oldest first, from behind one of them on. */
export async function listReviews(db: Db, tenant: string, state: ReviewState, after: number, limit: number): Promise<ShownReview[]> {
  const { rows } = await sql<ShownReview>`
    select ${reviewColumns} from belay.match_review
    where tenant = ${tenant} and state = ${state} and id > ${after}::bigint order by id limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** One review. */
export async function readReview(db: Db, tenant: string, id: number): Promise<ShownReview | undefined> {
  const { rows } = await sql<ShownReview>`
    select ${reviewColumns} from belay.match_review where tenant = ${tenant} and id = ${id}::bigint
  `.execute(db);
  return rows[0];
}

/** A record that somebody is asked about. */
export interface AskedRecord {
  readonly id: number;
  readonly externalId: string;
  /** The canonical id that it had when it was asked. */
  readonly record: string;
  /** Canonical ids. */
  readonly candidates: readonly string[];
  /** Those that it was compared by; null: they are not known. */
  readonly keys: readonly { readonly kind: string; readonly key: string }[] | null;
}

/** The open reviews of what a connection has, oldest first, from behind one of them on. */
export async function listAsked(
  db: Db,
  { tenant, connection, resource }: Pick<RecordOrigin, "tenant" | "connection" | "resource">,
  after: number,
  limit: number,
): Promise<AskedRecord[]> {
  const { rows } = await sql<AskedRecord>`
    select id, external_id as "externalId", record, jsonb_path_query_array(candidates, '$[*].id') as candidates, keys
    from belay.match_review
    where tenant = ${tenant} and state = 'open' and connection = ${connection} and resource = ${resource} and id > ${after}::bigint
    order by id limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Decides an open review. @returns whether it was open. */
export async function closeReview(tx: Db, tenant: string, id: number, state: "linked" | "apart", by: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.match_review set state = ${state}, decided_at = belay.now(), decided_by = ${by}
    where tenant = ${tenant} and id = ${id}::bigint and state = 'open'
  `.execute(tx);
  return numAffectedRows === 1n;
}

/**
 * Of these things those about which somebody is asked, be it what one is, or whether another record is one. Their reviews are locked until the transaction ends: nobody decides them meanwhile.
 */
export async function lockUnderReview(tx: Db, tenant: string, records: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ record: string }>`
    select x.record from json_array_elements_text(${JSON.stringify(records)}::json) x(record)
    cross join lateral (
      select r.id from belay.match_review r
      where r.tenant = ${tenant} and r.state = 'open' and (r.record = x.record or r.candidates @> jsonb_build_array(jsonb_build_object('id', x.record)))
      for share
    ) r
  `.execute(tx);
  return [...new Set(rows.map(({ record }) => record))];
}

/** A canonical id that was given up for another one. */
export interface ShownMerge {
  readonly id: number;
  readonly survivor: string;
  readonly merged: string;
  readonly moved: readonly RecordName[];
  readonly why: string;
  readonly by: string;
  readonly at: string;
  readonly undoneAt: string | null;
  readonly undoneBy: string | null;
}

const mergeColumns = sql`id, survivor, merged, moved, why, by, ${iso("at")} as at, ${iso("undone_at")} as "undoneAt", undone_by as "undoneBy"`;

/** Writes down a merge. @returns its id. */
export async function insertMerge(
  tx: Db,
  tenant: string,
  { survivor, merged, moved, why, by }: Pick<ShownMerge, "survivor" | "merged" | "moved" | "why" | "by">,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into belay.merge_event (tenant, survivor, merged, moved, why, by)
    values (${tenant}, ${survivor}, ${merged}, ${JSON.stringify(moved)}::jsonb, ${why}, ${by}) returning id
  `.execute(tx);
  return rows[0]?.id ?? 0;
}

/** Merges of a tenant, newest first; with a record, those that it took part in. */
export async function listMerges(
  db: Db,
  tenant: string,
  { record, before, limit }: { readonly record?: string | undefined; readonly before?: number | undefined; readonly limit: number },
): Promise<ShownMerge[]> {
  const { rows } = await sql<ShownMerge>`
    select ${mergeColumns} from belay.merge_event
    where tenant = ${tenant} and (${record ?? null}::text is null or survivor = ${record ?? null} or merged = ${record ?? null})
      and (${before ?? null}::bigint is null or id < ${before ?? null}::bigint)
    order by id desc limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** One merge. */
export async function readMerge(db: Db, tenant: string, id: number): Promise<ShownMerge | undefined> {
  const { rows } = await sql<ShownMerge>`
    select ${mergeColumns} from belay.merge_event where tenant = ${tenant} and id = ${id}::bigint
  `.execute(db);
  return rows[0];
}

/** Notes that a merge was undone. @returns whether it was not before. */
export async function closeMerge(tx: Db, tenant: string, id: number, by: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.merge_event set undone_at = belay.now(), undone_by = ${by} where tenant = ${tenant} and id = ${id}::bigint and undone_at is null
  `.execute(tx);
  return numAffectedRows === 1n;
}
