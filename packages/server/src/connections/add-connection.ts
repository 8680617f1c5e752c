import { randomBytes } from "node:crypto";
import { BelayError, type Connection, isBelayError, madeAtRunTime } from "@belay/sdk";
import { type Catalog, type CatalogInForce, checkRoutes } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { insertConnection, lockTenant, notifyFollowers, readOfTenant } from "./store.ts";
import { toConnection } from "./to-connection.ts";

/** What a new connection is called; it says nothing of whom it belongs to. */
export function newConnectionId(): string {
  return `${madeAtRunTime}${randomBytes(12).toString("hex")}`;
}

/** The last part of an ingest URL; nobody guesses it. */
export function newEndpoint(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * Refuses a connection that would leave a flow with two to choose from, so that whoever makes it is told, and not who wonders later where events went.
 *
 * @param ofTenant The tenant's others.
 * @throws `CONNECTION_AMBIGUOUS` naming the other one and the remedy.
 */
function refuseAmbiguous({ config }: Pick<Catalog, "config">, ofTenant: readonly Connection[], connection: Connection): void {
  try {
    checkRoutes(config, [...ofTenant.filter(({ id }) => id !== connection.id), connection]);
  } catch (error) {
    if (!isBelayError(error) || error.code !== "CATALOG_FLOW_UNROUTABLE") throw error;
    const other = ofTenant.find(({ id, connector }) => id !== connection.id && connector === connection.connector);
    // Then it is the configuration that does not fit together, and no fault of this connection.
    if (other === undefined) return;
    throw new BelayError(
      "CONNECTION_AMBIGUOUS",
      `Tenant "${connection.tenant}" has connection "${other.id}" to "${connection.connector}" already, and a flow could not tell which of the two is meant: reconnect that one, or disconnect and remove it first.`,
      { cause: error },
    );
  }
}

/**
 * The same beforehand, as far as this process knows: so that nobody is sent to a provider in vain.
 *
 * @throws `CONNECTION_AMBIGUOUS`.
 */
export function checkConnectable(catalog: Catalog, connection: Connection): void {
  refuseAmbiguous(catalog, catalog.ofTenant(connection.tenant), connection);
}

/**
 * Stores a new connection; it works in every process within a second after the transaction, and in this one after `sync` of the follower.
 *
 * @param tx A transaction. Of two that add to the same tenant the second waits for the first, so that both are checked.
 * @throws `CONNECTION_AMBIGUOUS`.
 */
export async function addConnection(tx: Db, catalog: CatalogInForce, connection: Connection): Promise<void> {
  await lockTenant(tx, connection.tenant);
  const configured = catalog.ofTenant(connection.tenant).filter(({ id }) => !catalog.isAdded(id));
  refuseAmbiguous(catalog, [...configured, ...(await readOfTenant(tx, connection.tenant)).map(toConnection)], connection);
  const { settings = {}, baseUrl = null, limits = null, endpoint = null, tenant, id, connector } = connection;
  await insertConnection(tx, { tenant, id, connector, configured: false, settings, baseUrl, limits, endpoint });
  await notifyFollowers(tx);
}
