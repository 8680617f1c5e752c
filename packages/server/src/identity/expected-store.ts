import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** Whose records, and of which thing. */
export interface ExpectedKey {
  readonly tenant: string;
  readonly connection: string;
  readonly resource: string;
  /** The canonical id. */
  readonly record: string;
}

/** Who is about to create a record, and what. */
export interface ExpectedRecord {
  /** The two-way sync that creates it. */
  readonly twoWay: string;
  /** What it will be mapped to: the hash of the canonical JSON of the fields that are sent, hexadecimal. In other fields the provider has what it likes. */
  readonly hash: string;
  readonly fields: readonly string[];
  /** When the walk began that has not found it there; null: nobody knows of any. */
  readonly lookedSince: string | null;
}

/**
 * Writes down that a record is about to be created, before it is: should a walk find it there before the answer has come, it is known whose it is. Calling it twice is safe.
 *
 * @returns false: another two-way sync over the same side may have created it since it was looked for, and it has to be looked for once more. Then nothing is written down.
 */
export async function expectRecord(
  tx: Db,
  { tenant, connection, resource, record }: ExpectedKey,
  { twoWay, hash, fields, lookedSince }: ExpectedRecord,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    insert into belay.expected_record as e (tenant, connection, resource, record, two_way, hash, fields)
    values (${tenant}, ${connection}, ${resource}, ${record}, ${twoWay}, decode(${hash}, 'hex'), array(select json_array_elements_text(${JSON.stringify(fields)}::json)))
    on conflict (tenant, connection, resource, record) do update set two_way = excluded.two_way, hash = excluded.hash, fields = excluded.fields, at = belay.now()
      where e.two_way = excluded.two_way or e.at < ${lookedSince}::timestamptz
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Whether another two-way sync may have created a record since it was looked for. */
export async function isExpectedByOther(
  db: Db,
  { tenant, connection, resource, record }: ExpectedKey,
  { twoWay, lookedSince }: Pick<ExpectedRecord, "twoWay" | "lookedSince">,
): Promise<boolean> {
  const { rows } = await sql`
    select from belay.expected_record
    where tenant = ${tenant} and connection = ${connection} and resource = ${resource} and record = ${record}
      and two_way is distinct from ${twoWay} and (at < ${lookedSince}::timestamptz) is not true
  `.execute(db);
  return rows.length > 0;
}

/** A two-way sync tries a create no more for now, and nobody knows what became of it: until now it may have been sent. What others write down is theirs. */
export async function renewExpected(tx: Db, { tenant, connection, resource, record }: ExpectedKey, twoWay: string): Promise<void> {
  await sql`
    update belay.expected_record set at = belay.now()
    where tenant = ${tenant} and connection = ${connection} and resource = ${resource} and record = ${record} and two_way = ${twoWay}
  `.execute(tx);
}

/** Which fields are sent to a connection with records whose creation is not known yet: few sets, each by itself; an empty one stands for all fields. */
export async function listExpectedFields(
  db: Db,
  { tenant, connection, resource }: Omit<ExpectedKey, "record">,
): Promise<(readonly string[])[]> {
  const { rows } = await sql<{ fields: string[] }>`
    select distinct fields from belay.expected_record where tenant = ${tenant} and connection = ${connection} and resource = ${resource}
  `.execute(db);
  return rows.map(({ fields }) => fields);
}

/** The things that are expected at a connection with one of these hashes. */
export async function findExpected(
  db: Db,
  { tenant, connection, resource }: Omit<ExpectedKey, "record">,
  hashes: readonly string[],
): Promise<{ readonly record: string; readonly hash: string }[]> {
  const { rows } = await sql<{ record: string; hash: string }>`
    select record, encode(hash, 'hex') as hash from belay.expected_record
    where tenant = ${tenant} and connection = ${connection} and resource = ${resource}
      and hash = any (array(select decode(h, 'hex') from json_array_elements_text(${JSON.stringify(hashes)}::json) h))
    order by record
  `.execute(db);
  return rows;
}

/** It was created, and is known by its id from now on; or it will not be. */
export async function forgetExpected(tx: Db, { tenant, connection, resource, record }: ExpectedKey): Promise<void> {
  await sql`
    delete from belay.expected_record where tenant = ${tenant} and connection = ${connection} and resource = ${resource} and record = ${record}
  `.execute(tx);
}
