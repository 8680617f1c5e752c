import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach, type Sealable } from "../vault/index.ts";
import { payloadPurpose } from "./seal-work.ts";
import { findMessages, type MessageSummary } from "./find-messages.ts";

/** Longest payload and step result that are shown, in bytes. */
const shownBytes = 65_536;

export interface ShownText {
  /** The beginning, at most 64 KiB; without what is no UTF-8. */
  readonly text: string;
  /** Of the whole. */
  readonly bytes: number;
}

/** What the database knows of one message. */
export interface MessageFacts {
  readonly message: MessageSummary;
  readonly version: number | null;
  readonly trace: string | null;
  readonly firstAttemptAt: string | null;
  /** An attempt was begun of which nobody knows how it ended. */
  readonly suspect: boolean;
  readonly payload: ShownText;
  /** Finished steps; kept until the message ends well or is discarded. */
  readonly steps: readonly { readonly name: string; readonly finishedAt: string; readonly result: ShownText }[];
  /** When its order key is tried next, where it waits behind a failure. */
  readonly nextAttemptAt: string | null;
  /** Its mailbox; `null` where it never had one. */
  readonly mailbox: MailboxFacts | null;
}

export interface MailboxFacts {
  /** Messages before it, at most 1,000 counted. */
  readonly ahead: number;
  /** A worker has it now. */
  readonly leased: boolean;
  readonly pausedUntil: string | null;
  /** Why it was paused last. */
  readonly why: string | null;
}

/** Reads everything about one message, wherever it is; without a tenant among those of all. @returns `undefined` when there is none of this id. */
export async function readMessage(db: Db, cipher: Cipher, id: number, tenant?: string): Promise<MessageFacts | undefined> {
  const [message] = await findMessages(db, cipher, { tenant }, { from: id, below: id + 1 }, 1);
  if (message === undefined) return undefined;
  const [details, steps, mailbox] = [
    await readDetails(db, cipher, message),
    await readSteps(db, cipher, message),
    await readMailbox(db, message),
  ];
  // It has moved on between two statements: its payload moved along, so the next look finds both.
  if (details === undefined) return await readMessage(db, cipher, id, message.tenant);
  return { message, ...details, steps, ...mailbox };
}

/** Opens what is to be shown. What cannot be opened says why in its place. */
async function show(cipher: Cipher, sealed: readonly Sealable[]): Promise<ShownText[]> {
  return (await openEach(cipher, sealed)).map((one) => {
    const bytes = "bytes" in one ? one.bytes : Buffer.from(`(${one.code})`);
    return { text: Buffer.from(bytes.subarray(0, shownBytes)).toString("utf8"), bytes: bytes.byteLength };
  });
}

async function readDetails(
  db: Db,
  cipher: Cipher,
  { tenant, mailbox, id, state }: MessageSummary,
): Promise<Pick<MessageFacts, "version" | "trace" | "firstAttemptAt" | "suspect" | "payload"> | undefined> {
  const source =
    state === "waiting" || state === "parked"
      ? sql`select version, trace, first_attempt_at, suspect, payload, blob from belay.message where tenant = ${tenant} and mailbox = ${mailbox} and id = ${id}`
      : state === "dead"
        ? sql`select version, trace, first_attempt_at, suspect, payload, blob from belay.dead_letter where tenant = ${tenant} and id = ${id}`
        : sql`select version, trace, null::timestamptz as first_attempt_at, false as suspect, payload, blob from belay.history where tenant = ${tenant} and id = ${id}`;
  const { rows } = await sql<{
    version: number | null;
    trace: string | null;
    firstAttemptAt: string | null;
    suspect: boolean;
    bytes: Uint8Array;
  }>`
    select version, trace, suspect, bytes,
      to_char(first_attempt_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "firstAttemptAt"
    from (
      select *, coalesce(payload, (select b.bytes from belay.blob b where b.tenant = ${tenant} and b.hash = blob), '') as bytes from (${source}) one limit 1
    ) whole
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { bytes, ...rest } = row;
  const [payload = { text: "", bytes: 0 }] = await show(cipher, [{ tenant, purpose: payloadPurpose, value: bytes }]);
  return { ...rest, payload };
}

async function readSteps(db: Db, cipher: Cipher, { tenant, id }: MessageSummary): Promise<MessageFacts["steps"]> {
  const { rows } = await sql<{ name: string; finishedAt: string; result: Uint8Array }>`
    select name, result, to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "finishedAt"
    from belay.step where tenant = ${tenant} and message = ${id} order by finished_at, name limit 100
  `.execute(db);
  const results = await show(
    cipher,
    rows.map(({ result }) => ({ tenant, purpose: "step.result", value: result })),
  );
  return rows.map((step, index) => ({ ...step, result: results[index] ?? { text: "", bytes: 0 } }));
}

async function readMailbox(db: Db, message: MessageSummary): Promise<Pick<MessageFacts, "nextAttemptAt" | "mailbox">> {
  const { tenant, mailbox, id, orderKey } = message;
  const waits = message.state === "waiting" || message.state === "parked";
  const { rows } = await sql<MailboxFacts & { nextAttemptAt: string | null }>`
    select leased, why, case when paused_until > belay.now() then to_char(paused_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as "pausedUntil",
      (select count(*)::integer from (
        select from belay.message m where m.tenant = b.tenant and m.mailbox = b.id and m.id < ${id} limit 1000
      ) before) as ahead,
      (select to_char(k.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from belay.block k
        where k.tenant = b.tenant and k.mailbox = b.id and k.order_key = ${orderKey}) as "nextAttemptAt"
    from belay.mailbox b where tenant = ${tenant} and id = ${mailbox}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return { nextAttemptAt: null, mailbox: null };
  const { nextAttemptAt, ...facts } = row;
  return { nextAttemptAt: waits ? nextAttemptAt : null, mailbox: facts };
}
