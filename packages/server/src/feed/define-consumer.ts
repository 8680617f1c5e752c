import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { type ChangeFilter, type ConsumerKey, deleteConsumer, findConsumer, insertConsumer, skipToEnd } from "./consumer-store.ts";

/**
 * Defines a consumer. Its filter stays as it is: with a wider one it would miss what it has passed over. Defining it again with the same filter changes nothing, wherever
 * it has come to.
 *
 * @param from Where it begins: at the `start` it gets the newest version of every record, and others as far as they are kept; at the `end` only what is committed from
 *   now on, by transactions that run already too.
 * @returns whether it is a new one.
 * @throws `FEED_CONSUMER_DIFFERS`.
 */
export async function defineConsumer(db: Db, consumer: ConsumerKey, filter: ChangeFilter, from: "start" | "end"): Promise<boolean> {
  const created = await db.transaction().execute(async (tx) => {
    if (!(await insertConsumer(tx, consumer, filter))) return false;
    if (from === "end") await skipToEnd(tx, consumer);
    return true;
  });
  if (created) return true;
  const known = await findConsumer(db, consumer);
  if (known === undefined || (isSame(known.models, filter.models) && isSame(known.connections, filter.connections))) return false;
  throw new BelayError("FEED_CONSUMER_DIFFERS", `Consumer "${consumer.name}" was defined with another filter.`);
}

/** Removes a consumer and where it has come to. @throws `FEED_CONSUMER_UNKNOWN`. */
export async function removeConsumer(db: Db, consumer: ConsumerKey): Promise<void> {
  if (!(await deleteConsumer(db, consumer))) throw unknownConsumer(consumer);
}

/** Says that there is no such consumer, and how there will be. */
export function unknownConsumer({ name }: ConsumerKey): BelayError {
  return new BelayError("FEED_CONSUMER_UNKNOWN", `There is no consumer "${name}" here: belay changes define makes one.`);
}

function isSame(known: readonly string[] | null, asked: readonly string[] | undefined): boolean {
  if (known === null || asked === undefined) return known === null && asked === undefined;
  return JSON.stringify([...new Set(known)].toSorted()) === JSON.stringify([...new Set(asked)].toSorted());
}
