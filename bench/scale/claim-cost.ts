import { fetchSealed } from "../../packages/server/src/mailbox/store.ts";
import { claimMailboxes } from "../../packages/server/src/mailbox/claim-store.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import type { BenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";

export interface Standing {
  readonly tenants: number;
  /** Of each tenant. */
  readonly mailboxes: number;
  /** Messages of each mailbox. */
  readonly each: number;
}

const room = 32;
const messages = 8;

/**
 * What it costs to lease thirty-two mailboxes, of as many tenants where there are so many, and to read eight messages of each, ms: the median of `rounds`, each of which gives back what it took, and
 * goes on with the tenants after those. The messages are small, because there may be millions of them.
 */
export async function measureClaims(
  postgres: BenchPostgres,
  url: string,
  { tenants, mailboxes, each }: Standing,
  rounds: number,
): Promise<number> {
  await postgres.query(url, "truncate belay.message, belay.mailbox");
  await postgres.query(
    url,
    `insert into belay.mailbox (tenant, id, connection, lane, due_at, in_line)
     select 'tenant-' || n, m || '/event', m::text, 'event', belay.now(), true from generate_series(1, $1::integer) n cross join generate_series(1, $2::integer) m`,
    [tenants, mailboxes],
  );
  await postgres.query(
    url,
    `insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
     select 'tenant-' || t, m || '/event', 'k' || n % 1000, 'forward', 'app', 'e' || n, 'thing.changed', 'x', belay.now()
     from generate_series(1, $1::integer) t cross join generate_series(1, $3::integer) m cross join generate_series(1, $2::integer) n`,
    [tenants, each, mailboxes],
  );
  await postgres.query(url, "vacuum analyze belay.message");
  await postgres.query(url, "vacuum analyze belay.mailbox");
  await postgres.query(url, "checkpoint");
  await using database = openDatabase({ kind: "postgres", url, connections: 1 });
  const took: number[] = [];
  let after = "";
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const lane = { lane: "event" as const, after, tenants: room, each: Math.ceil(room / Math.min(room, tenants)) };
    const claimed = await claimMailboxes(database.db, { room, lanes: [lane], weights: new Map(), left: new Map() }, 15_000);
    await fetchSealed(
      database.db,
      claimed.leases.map(({ tenant, mailbox, head, suspectUntil }) => ({ tenant, mailbox, after: head, limit: messages, suspectUntil })),
    );
    took.push((performance.now() - startedAt) / claimed.leases.length);
    after = claimed.after.get("event") ?? "";
    await postgres.query(url, "update belay.mailbox set leased = false, in_line = true, due_at = belay.now() where leased");
  }
  // The first rounds read what nobody has read since the checkpoint.
  return median(took.slice(Math.floor(rounds / 4)));
}
