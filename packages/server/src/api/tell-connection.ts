import { type AnyConnector, type Connection, obtainsToken } from "@belay/sdk";
import type { CatalogInForce } from "../catalog/index.ts";
import { findDisabledUses, requiredScopes } from "../connect/index.ts";
import { type ConnectionFacts, readFacts } from "../connections/index.ts";
import type { CredentialBook, CredentialHealth } from "../credentials/index.ts";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import type { connection as schema } from "./connection-schemas.ts";

export interface TellingParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: CatalogInForce;
  readonly credentials: Pick<CredentialBook, "health">;
}

type Told = (typeof schema)["_output"];

/** How connections stand, in the same order; two statements, however many there are. */
export async function tellConnections(
  { db, cipher, catalog, credentials }: TellingParts,
  connections: readonly Connection[],
): Promise<Told[]> {
  const health = await credentials.health(connections);
  const facts = await readFacts(db, cipher, connections);
  return connections.map((connection) => tell(catalog, connection, health.get(connection.id), facts.get(connection.id)));
}

function tell(
  catalog: CatalogInForce,
  connection: Connection,
  health: CredentialHealth | undefined,
  facts: ConnectionFacts | undefined,
): Told {
  const { id, tenant, connector: connectorId, endpoint } = connection;
  const connector = catalog.connectors.get(connectorId);
  const granted = health?.scopes ?? undefined;
  const account = { id: facts?.accountId ?? health?.account?.id ?? null, name: facts?.accountName ?? health?.account?.name ?? null };
  return {
    id,
    tenant,
    connector: connectorId,
    title: connector?.title ?? connectorId,
    origin: catalog.isAdded(id) ? "connected" : "configuration",
    ingestPath: endpoint === undefined ? null : `/in/${endpoint}`,
    events: [...(catalog.endpoints.get(endpoint ?? "")?.routes.keys() ?? [])],
    ...stateOf(connection, connector, health, facts),
    expiresAt: health?.expiresAt ?? null,
    idleExpiresAt: health?.idleExpiresAt ?? null,
    refreshedAt: health?.refreshedAt ?? null,
    connectedAt: facts?.connectedAt ?? health?.connectedAt ?? null,
    connectedBy: byOf(health, facts),
    disconnectedAt: facts?.disconnectedAt ?? null,
    account: account.id === null && account.name === null ? null : account,
    standsOn: standsOn(connector),
    scopes: { granted: granted === undefined ? null : [...granted], required: connector === undefined ? [] : requiredScopes(connector) },
    disabled:
      connector === undefined
        ? []
        : findDisabledUses(connector, granted).map(({ resource, use, missing }) => ({ resource, use, missing: [...missing] })),
  };
}

function stateOf(
  { credential, webhookSecrets }: Connection,
  connector: AnyConnector | undefined,
  health: CredentialHealth | undefined,
  facts: ConnectionFacts | undefined,
): Pick<Told, "state" | "code"> {
  if (connector === undefined) return { state: "misconfigured", code: "CONNECT_CONNECTOR_UNKNOWN" };
  if (typeof facts?.disconnectedAt === "string") return { state: "disconnected", code: "CREDENTIAL_DISCONNECTED" };
  if (health !== undefined) return { state: health.state, code: health.code };
  // One that only sends webhooks needs no credential.
  const isUsable = credential !== undefined || webhookSecrets !== undefined;
  return isUsable ? { state: "connected", code: null } : { state: "needs_reconnect", code: "CREDENTIAL_MISSING" };
}

function byOf(health: CredentialHealth | undefined, facts: ConnectionFacts | undefined): Told["connectedBy"] {
  const actor = facts?.connectedBy ?? health?.connectedBy ?? null;
  if (actor === null) return null;
  return { actor, userId: facts?.userId ?? null, userName: facts?.userName ?? null };
}

function standsOn(connector: AnyConnector | undefined): Told["standsOn"] {
  if (connector === undefined || !obtainsToken(connector.auth)) return "key";
  const { auth } = connector;
  return auth.kind === "oauth2" && auth.grants.includes("authorization_code") ? "person" : "application";
}
