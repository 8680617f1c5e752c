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

/**
 * Writes down that a record is about to be created, before it is: should a walk find it there before the answer has come, it is known whose it is. Calling it twice is safe.
 *
 * @param hash Of what it will be mapped to, hexadecimal.
 */
export async function expectRecord(tx: Db, { tenant, connection, resource, record }: ExpectedKey, hash: string): Promise<void> {
  await sql`
    insert into belay.expected_record (tenant, connection, resource, record, hash)
    values (${tenant}, ${connection}, ${resource}, ${record}, decode(${hash}, 'hex'))
    on conflict (tenant, connection, resource, record) do update set hash = excluded.hash, at = belay.now()
  `.execute(tx);
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
