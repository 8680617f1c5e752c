import type { BenchPostgres } from "../support/database.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { systemClock } from "../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../packages/server/src/vault/index.ts";
import { benchMasterKey } from "../support/master-key.ts";
import { type Receiver, startBelayPart, untilReceived } from "./parts.ts";

/**
 * How many messages a second a worker delivers out of a standing backlog of `waiting` messages over `mailboxes`, measured over `measured` deliveries
 * after as many for warming up.
 */
export async function drainRate(
  postgres: BenchPostgres,
  receiver: Receiver,
  {
    url,
    target,
    waiting,
    mailboxes,
    measured,
  }: { readonly url: string; readonly target: string; readonly waiting: number; readonly mailboxes: number; readonly measured: number },
): Promise<number> {
  await fill(postgres, url, waiting, mailboxes);
  await receiver.ask({ ask: "reset" });
  await using worker = await startBelayPart(target, mailboxes, url, { roles: ["worker"] });
  const warm = await untilReceived(receiver, measured);
  const startedAt = performance.now();
  const { received } = await untilReceived(receiver, warm.received + measured);
  const rate = ((received - warm.received) * 1_000) / (performance.now() - startedAt);
  await worker[Symbol.asyncDispose]();
  await postgres.query(url, "truncate belay.message, belay.mailbox, belay.block, belay.history, belay.dedupe");
  return rate;
}

/** Puts messages where ingress would have put them. They are inserted by hand because a million of them would take ingress minutes. */
async function fill(postgres: BenchPostgres, url: string, waiting: number, mailboxes: number): Promise<void> {
  await postgres.query(
    url,
    `insert into belay.mailbox (tenant, id, connection, lane, due_at)
     select 'tenant-' || n, 'sink-' || n || '/event', 'sink-' || n, 'event', belay.now() from generate_series(0, $1::integer - 1) n`,
    [mailboxes],
  );
  const payloads = await sealPayloads(url, mailboxes);
  await postgres.query(
    url,
    `insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
     select 'tenant-' || n % $2, 'sink-' || n % $2 || '/event', 'source-' || n % $2 || '/' || n % 1000, 'forward', 'source-' || n % $2, 'backlog-' || n, 'thing.changed',
       ($3::bytea[])[1 + n % $2], belay.now()
     from generate_series(0, $1::integer - 1) n`,
    [waiting, mailboxes, payloads],
  );
  // A standing backlog lies on disk: without this its write-out would be measured as well.
  await postgres.query(url, "checkpoint");
}

/** One payload for each tenant: what it says does not matter to the receiver, that it has to be opened does. */
async function sealPayloads(url: string, mailboxes: number): Promise<Buffer[]> {
  await using database = openDatabase({ kind: "postgres", url, connections: 1 });
  const vault = openVault({ db: database.db, provider: parseMasterKeys(benchMasterKey), clock: systemClock });
  const event = { id: "backlog", type: "thing.changed", entity: "1", sentAt: 0, filler: "x".repeat(850) };
  const value = Buffer.from(JSON.stringify(event));
  const tenants = Array.from({ length: mailboxes }, (_, index) => `tenant-${index}`);
  const sealed = await vault.seal(tenants.map((tenant) => ({ tenant, value, purpose: "message.payload" })));
  return sealed.map((bytes) => Buffer.from(bytes));
}
