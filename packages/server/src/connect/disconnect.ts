import { BelayError, type Connection, obtainsToken, Secret } from "@belay/sdk";
import { clearRevoking, findRevoking, noteDisconnected, openRevoking, type RevokingGrant, sealRevoking } from "../connections/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { ConnectParts, Fields } from "./parts.ts";

export type DisconnectParts = Pick<ConnectParts, "db" | "cipher" | "catalog" | "connections" | "credentials" | "provider" | "logger">;

/**
 * What became of the credential at the provider. `revoked`: it is refused from now on. `unsupported`: the provider has no way to give it back; its owner can end it
 * there. `pending`: the provider did not take it yet; it is told again until it does, for a day. `none`: there was none.
 */
export type Revocation = "revoked" | "unsupported" | "pending" | "none";

const tryForHours = 24;

/**
 * Gives a credential up: nobody uses it from now on, here it is shredded, and the provider is told. What waits in the connection's mailbox stays there, and goes on
 * when it is connected again. Calling it twice is safe.
 *
 * @throws `CONNECT_CONFIGURED` for a key of the configuration, which would be used all the same.
 */
export async function disconnect(parts: DisconnectParts, connection: Connection, actor: string): Promise<Revocation> {
  const { db, catalog, credentials } = parts;
  const { auth } = catalog.connectors.get(connection.connector) ?? {};
  if (connection.credential !== undefined && auth !== undefined && !obtainsToken(auth))
    throw new BelayError(
      "CONNECT_CONFIGURED",
      `The credential of connection "${connection.id}" is in the configuration: take it out there.`,
    );
  const fields = await credentials.reveal(connection);
  // Before it is shredded: whatever ends this process now, the provider is told.
  const revoking = fields && (await sealRevoking(parts.cipher, connection, textsOf(fields)));
  await db.transaction().execute(async (tx) => {
    await noteDisconnected(tx, catalog, connection, { actor, revoking });
  });
  await credentials.forget(connection);
  await parts.connections.sync();
  return fields === undefined ? "none" : await revoke(parts, connection, fields);
}

async function revoke(parts: DisconnectParts, connection: Connection, fields: Fields): Promise<Revocation> {
  const outcome = await parts.provider.revoke(connection, fields);
  if (outcome.kind !== "failed") {
    await clearRevoking(parts.db, connection);
    return outcome.kind;
  }
  parts.logger.warn(
    { detail: outcome.detail, tenant: connection.tenant, connection: connection.id },
    "A provider was not told yet that a credential is given up.",
  );
  return "pending";
}

/** Tells providers again of credentials that were given up. What no provider takes within a day is given up as well, and told on the stream. */
export async function revokeAgain(parts: DisconnectParts): Promise<void> {
  for (const waiting of await findRevoking(parts.db)) {
    const { tenant, id, ageHours } = waiting;
    const connection = parts.catalog.connections.get(id);
    const grant: RevokingGrant | undefined = await openRevoking(parts.cipher, waiting);
    const end = connection === undefined || grant === undefined ? "unsupported" : await revoke(parts, connection, secretsOf(grant));
    if (end !== "pending") await clearRevoking(parts.db, waiting);
    else if (ageHours > tryForHours) {
      await clearRevoking(parts.db, waiting);
      await insertEvents(parts.db, [{ type: "connection.revocation-failed", tenant, connection: id }]);
    }
  }
}

function textsOf(fields: Fields): RevokingGrant {
  return Object.fromEntries(Object.entries(fields).map(([name, secret]) => [name, secret.reveal()]));
}

function secretsOf(grant: RevokingGrant): Fields {
  return Object.fromEntries(Object.entries(grant).map(([name, value]) => [name, new Secret(value)]));
}
