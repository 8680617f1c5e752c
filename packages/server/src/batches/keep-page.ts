import { batchEvents, pageStep, type ReadPage } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { commitMessages, type NewMessage, notifyWorkers, sealWork, type StepRecord, toMailboxKey } from "../mailbox/index.ts";
import { readMessage, type BatchParts } from "./start-run.ts";
import { deleteKeys, findKeys, findRun, insertKeys, type RunPlace, takeTurn } from "./store.ts";

type Keeper = (record: StepRecord) => Promise<void>;

/**
 * Keeps the pages of batches, where they come from whoever runs flows: as the result of a step. All other results go on to `recordStep`.
 *
 * A page's items, the message that asks for the next one and the run's new place are committed together. Whoever reads a page again, after a crash or beside another who took
 * the mailbox over, finds it kept, and keeps nothing.
 */
export function keepPages(parts: Omit<BatchParts, "catalog">, recordStep: Keeper): Keeper {
  return async (record) => {
    if (record.name !== pageStep) return await recordStep(record);
    // Made by our own code in the thread, of what the source gave it.
    const page = JSON.parse(record.result) as ReadPage;
    const run = await findRun(parts.db, { tenant: record.tenant, id: page.run });
    return run === undefined ? undefined : await keepPage(parts, run, page);
  };
}

async function keepPage({ db, cipher, onCommitted }: Omit<BatchParts, "catalog">, run: RunPlace, read: ReadPage): Promise<void> {
  const page = { ...read, items: await freshOf(db, run, read.items) };
  const messages = toMessages(run, page);
  const sealed = messages.length === 0 ? [] : await sealWork(cipher, [{ messages, quarantined: [] }]);
  const [first] = messages;
  const mailboxes = first === undefined ? [] : [toMailboxKey(first)];
  const kept = await db.transaction().execute(async (tx: Db) => {
    const counts = { items: page.items.length, total: page.total, last: page.next === null };
    if (!(await takeTurn(tx, run, page.page, counts))) return false;
    if (counts.last) await deleteKeys(tx, run);
    else await insertKeys(tx, run, keysOf(page.items));
    if (messages.length === 0) return true;
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, mailboxes);
    return true;
  });
  if (kept && mailboxes.length > 0) onCommitted(mailboxes);
}

type Item = ReadPage["items"][number];

/**
 * Those that the run was not given before. A listing in which records move while it is read may have one twice. Nobody else keeps a page of the run between this look and the
 * turn, or the turn is not taken.
 */
async function freshOf(db: Db, run: RunPlace, items: readonly Item[]): Promise<readonly Item[]> {
  const keys = keysOf(items);
  if (keys.length === 0) return items;
  const seen = await findKeys(db, run, keys);
  return items.filter(({ key }) => {
    if (key === undefined) return true;
    const isFresh = !seen.has(key);
    seen.add(key);
    return isFresh;
  });
}

function keysOf(items: readonly Item[]): string[] {
  return items.flatMap(({ key }) => (key === undefined ? [] : [key]));
}

function toMessages({ tenant, batch, connection }: RunPlace, { run, page, items, next, input }: ReadPage): NewMessage[] {
  const messages = items.map(({ order, item }, index): NewMessage => {
    const eventKey = `${run}/${page}/${index}`;
    return {
      tenant,
      target: connection,
      lane: "backfill",
      orderKey: order === null ? eventKey : `batch/${batch}/${order}`,
      flow: batch,
      connection,
      eventKey,
      eventType: batchEvents.item,
      version: null,
      payload: Buffer.from(JSON.stringify({ run, item })),
      trace: null,
    };
  });
  if (next === null) return messages;
  return [...messages, readMessage({ tenant, batch, connection }, { run, page: page + 1, cursor: next.cursor, input })];
}
