import { sql } from "kysely";
import type { Db } from "../../db/index.ts";
import { commitMessages } from "../commit-messages.ts";
import { type Settled, settleMailboxes } from "../settle-mailboxes.ts";
import { fetchMessages } from "../fetch-messages.ts";
import { type SealedWork, sealWork } from "../seal-work.ts";
import { sealTexts } from "../sealed-texts.ts";
import { insertSteps } from "../store.ts";
import { claimDue } from "./claim-due.ts";
import { vaultOf } from "../../../../../test/setup/vault.ts";
import type { Lease, Message, NewDeadLetter, NewMessage, Result, Settlement } from "../types.ts";

export const leaseMs = 60_000;
const encoder = new TextEncoder();

/** A message of tenant `acme` for `acme-desk`; the order key names it unless told otherwise. */
export function newMessage(orderKey: string, changes: Partial<NewMessage> = {}): NewMessage {
  return {
    tenant: "acme",
    target: "acme-desk",
    lane: "event",
    orderKey,
    flow: "flow",
    connection: "acme-source",
    eventKey: `event of ${orderKey}`,
    eventType: "thing.changed",
    version: null,
    payload: encoder.encode(JSON.stringify({ orderKey })),
    trace: null,
    ...changes,
  };
}

/** Work as `commitMessages` takes it, for a test that has a transaction of its own: made on another connection, before it. */
export async function seal(db: Db, messages: readonly NewMessage[], quarantined: readonly NewDeadLetter[] = []): Promise<SealedWork[]> {
  return await sealWork(vaultOf(db), [{ messages, quarantined }]);
}

type StepRow = Parameters<typeof insertSteps>[1][number];

/** Step results as `insertSteps` takes them. */
export async function sealSteps(db: Db, rows: readonly StepRow[]): Promise<StepRow[]> {
  const sealed = await sealTexts(
    vaultOf(db),
    "step.result",
    rows.map(({ tenant, result }) => ({ tenant, value: result })),
  );
  return rows.map((row, index) => ({ ...row, result: sealed[index]! }));
}

/** Keeps step results, as a worker does. */
export async function storeSteps(db: Db, rows: readonly StepRow[]): Promise<void> {
  await insertSteps(db, await sealSteps(db, rows));
}

export async function commit(db: Db, messages: readonly NewMessage[], quarantined: readonly NewDeadLetter[] = []): Promise<void> {
  const works = await seal(db, messages, quarantined);
  await db.transaction().execute((tx) => commitMessages(tx, works));
}

/** Claims the one mailbox that is due. */
export async function claimOne(db: Db): Promise<Lease> {
  const leases = await claimDue(db, 10, leaseMs);
  const [lease] = leases;
  if (lease === undefined || leases.length > 1) throw new Error(`${leases.length} mailboxes are due, not one`);
  return lease;
}

/** What a worker would fetch next under the lease. */
export async function fetchAll(db: Db, lease: Lease, changes: { after?: number; limit?: number } = {}): Promise<Message[]> {
  return await fetchMessages(db, vaultOf(db), [{ ...lease, after: lease.head, limit: 1_000, ...changes }]);
}

export async function settle(
  db: Db,
  lease: Lease,
  results: readonly Result[],
  release: Settlement["release"] | "keep" = { more: false },
  head = Math.max(lease.head, ...results.map(({ message }) => message.id)),
): Promise<Settled> {
  const { tenant, mailbox, token } = lease;
  return await settleMailboxes(
    db,
    vaultOf(db),
    [{ tenant, mailbox, token, head, results, extend: true, ...(release === "keep" ? {} : { release }) }],
    leaseMs,
  );
}

export const delivered = (message: Message): Result => ({ kind: "delivered", message, stepped: false });
export const retried = (message: Message, afterMs = 3_600_000): Result => ({
  kind: "retry",
  message,
  afterMs,
  code: "FAR_END",
  error: "503",
});
export const metOutage = (message: Message): Result => ({
  kind: "retry",
  message,
  afterMs: 3_600_000,
  code: "FAR_END",
  error: "503",
  outage: true,
});
export const dead = (message: Message): Result => ({ kind: "dead", message, code: "REFUSED", error: "No." });
export const parked = (message: Message): Result => ({ kind: "park", message });

/** Everything that is stored, with times as "past", "future" or null, so that whole states can be compared. */
export interface Stored {
  readonly mailboxes: {
    mailbox: string;
    due: string | null;
    leased: boolean;
    again: boolean;
    token: number;
    head: number;
    why: string | null;
  }[];
  readonly messages: {
    id: number;
    orderKey: string;
    attempts: number;
    parked: boolean;
    suspect: boolean;
    code: string | null;
    error: string | null;
  }[];
  readonly blocks: { orderKey: string; due: string }[];
  readonly deadLetters: { id: number; orderKey: string; attempts: number; code: string; error: string }[];
  readonly history: { id: number; orderKey: string; outcome: string }[];
  readonly steps: { message: number; name: string; result: string }[];
  readonly versions: { orderKey: string; version: number }[];
}

/** Opens what lies sealed in one column of rows. */
async function opened<Row extends object>(
  db: Db,
  rows: readonly Row[],
  column: "error" | "result",
): Promise<(Omit<Row, "error" | "result"> & { [name in typeof column]: string })[]> {
  const purpose = column === "error" ? "message.error" : "step.result";
  return await Promise.all(
    rows.map(async (row) => {
      const value = (row as Record<string, unknown>)[column];
      if (!(value instanceof Uint8Array)) return row as never;
      const [bytes] = await vaultOf(db).open([{ tenant: "acme", purpose, value }]);
      return { ...row, [column]: Buffer.from(bytes!).toString() } as never;
    }),
  );
}

/** Contents are opened, as those of tenant `acme`. */
export async function readStored(db: Db): Promise<Stored> {
  const read = async <Row>(query: ReturnType<typeof sql<Row>>): Promise<Row[]> => (await query.execute(db)).rows;
  return {
    mailboxes: await read(sql`
      select id as mailbox, case when due_at <= belay.now() then 'past' when due_at is not null then 'future' end as due, leased, again, token, head, why
      from belay.mailbox order by tenant, id`),
    messages: await opened(
      db,
      await read<Stored["messages"][number]>(sql`
      select id, order_key as "orderKey", attempts, parked, suspect, code, error from belay.message order by tenant, mailbox, id`),
      "error",
    ),
    blocks: await read(sql`
      select order_key as "orderKey", case when due_at <= belay.now() then 'past' else 'future' end as due from belay.block order by tenant, mailbox, order_key`),
    deadLetters: await opened(
      db,
      await read<Stored["deadLetters"][number]>(
        sql`select id, order_key as "orderKey", attempts, code, error from belay.dead_letter order by id`,
      ),
      "error",
    ),
    history: await read(sql`select id, order_key as "orderKey", outcome from belay.history order by id`),
    steps: await opened(
      db,
      await read<Stored["steps"][number]>(sql`select message, name, result from belay.step order by message, name`),
      "result",
    ),
    versions: await read(sql`select order_key as "orderKey", version from belay.entity_version order by order_key`),
  };
}

/** Lets `ms` pass for everything that waits for a time. */
export async function letPass(db: Db, ms: number): Promise<void> {
  const by = sql`${ms}::float8 * interval '1 millisecond'`;
  await sql`update belay.mailbox set due_at = due_at - ${by}, paused_until = paused_until - ${by}`.execute(db);
  await sql`update belay.block set due_at = due_at - ${by}`.execute(db);
  await sql`update belay.dedupe set expires_at = expires_at - ${by}`.execute(db);
}

/** Removes everything, so that tests of one file can share a database. */
export async function empty(db: Db): Promise<void> {
  for (const table of ["mailbox", "message", "block", "entity_version", "step", "blob", "dead_letter", "history", "dedupe"]) {
    await sql`delete from ${sql.table(`belay.${table}`)}`.execute(db);
  }
}
