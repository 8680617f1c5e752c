import { openDatabase } from "../../packages/server/src/db/index.ts";
import { systemClock } from "../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../packages/server/src/vault/index.ts";
import type { BenchPostgres } from "./database.ts";
import { benchMasterKey } from "./master-key.ts";

/** A mailbox to be filled. */
export interface SeededMailbox {
  readonly tenant: string;
  readonly connection: string;
  readonly lane: "interactive" | "event" | "sync" | "backfill";
}

const orderKeys = 1_000;

/**
 * Puts messages where ingress would have put them, the same number into each mailbox. They are inserted by hand because a hundred thousand of them would take ingress a while
 * and the machine's time with it.
 *
 * @param filler Bytes of the payload beside what it says.
 */
export async function seedBacklog(
  postgres: BenchPostgres,
  url: string,
  mailboxes: readonly SeededMailbox[],
  each: number,
  filler = 850,
): Promise<void> {
  const payloads = await sealPayloads(url, [...new Set(mailboxes.map(({ tenant }) => tenant))], filler);
  const rows = JSON.stringify(
    mailboxes.map(({ tenant, connection, lane }) => ({ tenant, connection, lane, payload: payloads.get(tenant)?.toString("hex") ?? "" })),
  );
  await postgres.query(
    url,
    `with box as materialized (
       select tenant, connection, lane, connection || '/' || lane as id, decode(payload, 'hex') as payload
       from json_to_recordset($1::json) as x(tenant text, connection text, lane text, payload text)
     ), woken as (
       insert into belay.mailbox as m (tenant, id, connection, lane, due_at, in_line)
       select tenant, id, connection, lane, belay.now(), true from box
       on conflict (tenant, id) do update set due_at = case when m.leased then m.due_at else excluded.due_at end,
         in_line = m.in_line or not m.leased, again = m.leased
       returning 1
     )
     insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
     select b.tenant, b.id, b.connection || '/' || n % ${orderKeys}, 'forward', 'app', 'seeded-' || b.id || '-' || n, 'thing.changed', b.payload, belay.now()
     from generate_series(1, $2::integer) n cross join box b where (select count(*) from woken) >= 0`,
    [rows, each],
  );
}

/** One payload for each tenant: what it says does not matter, that it has to be opened does. */
async function sealPayloads(url: string, tenants: readonly string[], filler: number): Promise<ReadonlyMap<string, Buffer>> {
  await using database = openDatabase({ kind: "postgres", url, connections: 1 });
  const vault = openVault({ db: database.db, provider: parseMasterKeys(benchMasterKey), clock: systemClock });
  const event = { id: "seeded", type: "thing.changed", entity: "1", sentAt: 0, filler: "x".repeat(filler) };
  const value = Buffer.from(JSON.stringify(event));
  const sealed = await vault.seal(tenants.map((tenant) => ({ tenant, value, purpose: "message.payload" })));
  return new Map(tenants.map((tenant, index) => [tenant, Buffer.from(sealed[index] ?? new Uint8Array(0))]));
}
