import { batchEvents, BelayError, type Connection, type ReadOrder } from "@belay/sdk";
import { randomUUID } from "node:crypto";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { commitMessages, type MailboxKey, type NewMessage, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import type { Cipher } from "../vault/index.ts";
import { insertRun } from "./store.ts";

export interface BatchParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "batches" | "ofTenant">;
  /** Told of mailboxes that got work here. */
  readonly onCommitted: (mailboxes: readonly MailboxKey[]) => void;
}

export interface RunWish {
  readonly tenant: string;
  readonly batch: string;
  /** JSON, for the source. */
  readonly input: unknown;
  /** As in the audit log. */
  readonly actor: string;
}

/**
 * Starts a run of a batch: it and the message that asks for its first page are kept together.
 *
 * @returns its id.
 * @throws `BATCH_UNKNOWN`, `BATCH_NOT_CONNECTED`, `BATCH_READING`.
 */
export async function startRun(parts: BatchParts, wish: RunWish): Promise<string> {
  const run = await prepareRun(parts, wish);
  await parts.db.transaction().execute((tx) => run.begin(tx));
  parts.onCommitted([run.mailbox]);
  return run.id;
}

/** A run that can begin. */
interface PreparedRun {
  readonly id: string;
  /** Where its messages go: to be told when the transaction is committed. */
  readonly mailbox: MailboxKey;
  /** Keeps it and the message that asks for its first page. @throws `BATCH_READING`. */
  begin(tx: Db): Promise<void>;
}

/** Does what has to be done before the transaction in which a run begins. @throws `BATCH_UNKNOWN`, `BATCH_NOT_CONNECTED`. */
export async function prepareRun(parts: BatchParts, { tenant, batch, input, actor }: RunWish): Promise<PreparedRun> {
  const connection = targetOf(parts.catalog, tenant, batch);
  const id = `run_${randomUUID().replaceAll("-", "")}`;
  const first = readMessage({ tenant, batch, connection: connection.id }, { run: id, page: 0, cursor: null, input });
  const sealed = await sealWork(parts.cipher, [{ messages: [first], quarantined: [] }]);
  const mailbox = toMailboxKey(first);
  return {
    id,
    mailbox,
    begin: async (tx) => {
      if (!(await insertRun(tx, { tenant, id, batch, connection: connection.id, startedBy: actor })))
        throw new BelayError("BATCH_READING", `A run of batch "${batch}" is still reading for this tenant.`);
      await commitMessages(tx, sealed);
      await notifyWorkers(tx, [mailbox]);
    },
  };
}

/** The message by which whoever works on the target's mailbox reads a page. It stands behind the items of the page before: a set is read as fast as it is worked through. */
export function readMessage(
  { tenant, batch, connection }: { readonly tenant: string; readonly batch: string; readonly connection: string },
  order: ReadOrder,
): NewMessage {
  return {
    tenant,
    target: connection,
    lane: "backfill",
    orderKey: `batch/${order.run}`,
    flow: batch,
    connection,
    eventKey: `${order.run}/${order.page}`,
    eventType: batchEvents.read,
    version: null,
    payload: Buffer.from(JSON.stringify(order)),
    trace: null,
  };
}

function targetOf(catalog: BatchParts["catalog"], tenant: string, id: string): Connection {
  const batch = catalog.batches.get(id);
  if (batch === undefined) throw new BelayError("BATCH_UNKNOWN", `There is no batch "${id}" in the configuration.`);
  const target = catalog.ofTenant(tenant).find(({ connector }) => connector === batch.to.id);
  if (target === undefined) throw new BelayError("BATCH_NOT_CONNECTED", `Connect ${batch.to.title} first: batch "${id}" writes to it.`);
  const missing = Object.values(batch.flow.connections ?? {}).find(
    ({ id: from }) => !catalog.ofTenant(tenant).some((each) => each.connector === from),
  );
  if (missing !== undefined) throw new BelayError("BATCH_NOT_CONNECTED", `Connect ${missing.id} first: batch "${id}" reads from it.`);
  return target;
}
