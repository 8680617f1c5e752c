import { BelayError, type Connection } from "@belay/sdk";
import type { CatalogInForce } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import {
  type ConnectionKey,
  insertConnection,
  markConnected,
  markDisconnected,
  markRemoved,
  notifyFollowers,
  replaceWebhookSecrets,
} from "./store.ts";
import { sealableTexts, webhookSecretsPurpose } from "./to-connection.ts";

/** Who did it, whose account it is, and what was filled in anew. */
export interface Connected {
  readonly actor: string;
  /** From `sealAccount`, before the transaction. */
  readonly account: Uint8Array;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Notes that a connection has a credential from now on. @param tx A transaction. */
export async function noteConnected(tx: Db, catalog: CatalogInForce, connection: Connection, connected: Connected): Promise<void> {
  await ensureRow(tx, catalog, connection);
  await markConnected(tx, connection, connected);
  await notifyFollowers(tx);
}

/**
 * Notes that a connection has no credential any more. @param tx A transaction.
 * @param end `revoking`: what the provider has still to be told of, from `sealRevoking`.
 * @returns whether it had one: whoever comes second has nothing to tell of.
 */
export async function noteDisconnected(
  tx: Db,
  catalog: CatalogInForce,
  connection: Connection,
  { actor, revoking }: { readonly actor: string; readonly revoking: Uint8Array | undefined },
): Promise<boolean> {
  await ensureRow(tx, catalog, connection);
  const wasConnected = await markDisconnected(tx, connection, actor, revoking);
  await notifyFollowers(tx);
  return wasConnected;
}

/** A connection of the configuration gets its row when something first becomes of it. */
async function ensureRow(tx: Db, catalog: CatalogInForce, { tenant, id, connector }: Connection): Promise<void> {
  if (catalog.isAdded(id)) return;
  await insertConnection(tx, { tenant, id, connector, configured: true, settings: {}, baseUrl: null, limits: null, endpoint: null });
}

/**
 * Forgets a disconnected connection for good; its messages stay what they are, and are not run any more. Calling it twice is safe.
 *
 * @throws `CONNECTION_UNKNOWN`, `CONNECTION_IN_USE`.
 */
export async function removeConnection(db: Db, catalog: CatalogInForce, key: ConnectionKey): Promise<void> {
  if (!catalog.isAdded(key.id))
    throw new BelayError("CONNECTION_UNKNOWN", `Connection "${key.id}" is of the configuration: take it out there.`);
  await db.transaction().execute(async (tx) => {
    if (!(await markRemoved(tx, key)))
      throw new BelayError("CONNECTION_IN_USE", `Connection "${key.id}" is connected: disconnect it first.`);
    await notifyFollowers(tx);
  });
}

/**
 * Replaces the webhook secrets of a connection that was made while Belay runs: all that are given are valid at once, so that one can be rotated while events come in.
 *
 * @throws `CONNECTION_UNKNOWN`, `CONNECTION_TAKES_NO_WEBHOOKS`.
 */
export async function setWebhookSecrets(
  { db, cipher, catalog }: { readonly db: Db; readonly cipher: Cipher; readonly catalog: CatalogInForce },
  key: ConnectionKey,
  secrets: readonly string[],
): Promise<void> {
  if (!catalog.isAdded(key.id))
    throw new BelayError("CONNECTION_UNKNOWN", `Connection "${key.id}" is of the configuration: change its webhookSecrets there.`);
  const [sealed] = await cipher.seal([{ tenant: key.tenant, purpose: webhookSecretsPurpose(key.id), value: sealableTexts(secrets) }]);
  if (sealed === undefined) return;
  await db.transaction().execute(async (tx) => {
    if (!(await replaceWebhookSecrets(tx, key, sealed)))
      throw new BelayError("CONNECTION_TAKES_NO_WEBHOOKS", `Connection "${key.id}" has no endpoint: its connector declares no webhooks.`);
    await notifyFollowers(tx);
  });
}
