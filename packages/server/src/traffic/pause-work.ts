import { BelayError } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { pausedCode } from "../mailbox/index.ts";
import { insertEvents, type NewEvent } from "../stream/index.ts";
import { deletePause, insertPause, notifyFollowers, type PauseKey } from "./store.ts";

/** What somebody wants paused; the tenant of a connection need not be named. */
export interface PauseOrder extends Omit<PauseKey, "tenant"> {
  readonly tenant?: string | undefined;
}

/**
 * Pauses a tenant, a connection, a flow or a connector, the latter two of all tenants unless one is named. What runs may end; nothing more begins. Calling it twice is safe:
 * the first reason stays.
 *
 * @throws `API_NOT_FOUND` for a connection, flow or connector that is not there.
 */
export async function pauseWork(
  db: Db,
  catalog: Catalog,
  order: PauseOrder,
  by: { readonly why: string; readonly actor: string },
): Promise<PauseKey> {
  const key = toKey(catalog, order);
  await db.transaction().execute(async (tx) => {
    if (!(await insertPause(tx, key, by.why, by.actor))) return;
    await insertEvents(tx, [toEvent("work.paused", key, by)]);
    await notifyFollowers(tx);
  });
  return key;
}

/**
 * Lets it go on. Calling it twice is safe.
 *
 * @returns what went on, or `undefined` when it was not paused.
 * @throws `API_NOT_FOUND` for a connection, flow or connector that neither is there nor was paused.
 */
export async function resumeWork(
  db: Db,
  catalog: Catalog,
  order: PauseOrder,
  by: { readonly actor: string },
): Promise<PauseKey | undefined> {
  // What is paused can be gone by now; what is not paused either is a slip of the pen.
  const key = toKey(catalog, order, "whatever there is");
  return await db.transaction().execute(async (tx) => {
    if (!(await deletePause(tx, key))) {
      toKey(catalog, order);
      return undefined;
    }
    await insertEvents(tx, [toEvent("work.resumed", key, by)]);
    await notifyFollowers(tx);
    return key;
  });
}

function toKey(catalog: Catalog, { scope, id, tenant = "" }: PauseOrder, wanted?: "whatever there is"): PauseKey {
  if (scope === "tenant") return { scope, id, tenant: id };
  if (scope === "connection") {
    const owner = catalog.connections.get(id)?.tenant;
    if (owner === undefined && wanted === undefined) throw missing(scope, id);
    return { scope, id, tenant: owner ?? tenant };
  }
  const there: Pick<ReadonlySet<string>, "has"> = scope === "flow" ? catalog.flows : catalog.connectors;
  if (!there.has(id) && wanted === undefined) throw missing(scope, id);
  return { scope, id, tenant };
}

function missing(scope: string, id: string): BelayError {
  return new BelayError("API_NOT_FOUND", `There is no ${scope} "${id}".`);
}

function toEvent(
  type: "work.paused" | "work.resumed",
  { tenant, scope, id }: PauseKey,
  by: { readonly actor: string; readonly why?: string },
): NewEvent {
  return {
    type,
    tenant,
    ...(scope === "connection" && { connection: id }),
    ...(scope === "flow" && { flow: id }),
    actor: by.actor,
    cause: pausedCode,
    data: { scope, id, ...(by.why !== undefined && { why: by.why }) },
  };
}
