import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Lease } from "./types.ts";

/**
 * Makes sure that a lease is still its holder's until the transaction ends: whoever takes the mailbox over waits for it. For work that is written down page by page, while its
 * message runs.
 *
 * @returns whether it is.
 */
export async function lockLease(tx: Db, { tenant, mailbox, token }: Pick<Lease, "tenant" | "mailbox" | "token">): Promise<boolean> {
  const { rows } = await sql`
    select from belay.mailbox where tenant = ${tenant} and id = ${mailbox} and token = ${token}::bigint and leased for share
  `.execute(tx);
  return rows.length === 1;
}
