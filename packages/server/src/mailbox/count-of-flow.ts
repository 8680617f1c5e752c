import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface FlowCounts {
  readonly eventType: string;
  /** Unfinished messages. */
  readonly waiting: number;
  /** Dead letters. */
  readonly dead: number;
}

/** What is left of a flow's messages whose event's key begins so, by type. Counted one by one in the mailbox, and among the tenant's dead letters: for people who ask. */
export async function countOfFlow(
  db: Db,
  {
    tenant,
    mailbox,
    flow,
    keyPrefix,
  }: { readonly tenant: string; readonly mailbox: string; readonly flow: string; readonly keyPrefix: string },
): Promise<FlowCounts[]> {
  const { rows } = await sql<FlowCounts>`
    select event_type as "eventType", count(*) filter (where not dead)::integer as waiting, count(*) filter (where dead)::integer as dead
    from (
      select event_type, false as dead from belay.message
      where tenant = ${tenant} and mailbox = ${mailbox} and flow = ${flow} and starts_with(event_key, ${keyPrefix})
      union all
      select event_type, true from belay.dead_letter where tenant = ${tenant} and flow = ${flow} and starts_with(event_key, ${keyPrefix})
    ) left_over group by 1
  `.execute(db);
  return rows;
}
