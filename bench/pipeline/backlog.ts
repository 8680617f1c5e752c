import type { BenchPostgres } from "../support/database.ts";
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
  await postgres.query(
    url,
    `insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
     select 'tenant-' || n % $2, 'sink-' || n % $2 || '/event', 'source-' || n % $2 || '/' || n % 1000, 'forward', 'source-' || n % $2, 'backlog-' || n, 'thing.changed',
       convert_to(json_build_object('id', 'backlog-' || n, 'type', 'thing.changed', 'entity', (n % 1000)::text, 'sentAt', 0, 'filler', repeat('x', 850))::text, 'UTF8'),
       belay.now()
     from generate_series(0, $1::integer - 1) n`,
    [waiting, mailboxes],
  );
  // A standing backlog lies on disk: without this its write-out would be measured as well.
  await postgres.query(url, "checkpoint");
}
