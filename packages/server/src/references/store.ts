import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface ReferenceRow {
  readonly tenant: string;
  readonly message: number;
  /** Hexadecimal. */
  readonly fingerprint: string;
}

/** Keeps references of messages. */
export async function insertReferences(db: Db, rows: readonly ReferenceRow[]): Promise<void> {
  await sql`
    insert into belay.reference (fingerprint, tenant, message, stored_at)
    select decode(fingerprint, 'hex'), tenant, message, (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(fingerprint text, tenant text, message bigint)
  `.execute(db);
}

/** A message that has one of the references that were looked for. */
export interface Referenced {
  readonly tenant: string;
  readonly message: number;
  /** Hexadecimal. */
  readonly fingerprint: string;
}

/** Messages with ids below `below` that have one of the fingerprints, newest first. One that has several comes several times. */
export async function findReferenced(db: Db, fingerprints: readonly string[], below: number, limit: number): Promise<Referenced[]> {
  const { rows } = await sql<Referenced>`
    select tenant, message, hex as fingerprint
    from json_array_elements_text(${JSON.stringify(fingerprints)}::json) hex
    -- One by one, down the index: a list in one condition leads the planner to read everything when statistics are missing.
    cross join lateral (
      select tenant, message from belay.reference where fingerprint = decode(hex, 'hex') and message < ${below}::bigint order by message desc limit ${limit}
    ) found
    order by message desc limit ${limit}
  `.execute(db);
  return rows;
}
