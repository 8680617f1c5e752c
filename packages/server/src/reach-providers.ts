import { BelayError, type Connection, type OAuth2 } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, dispatcherFor, type Network, systemClock } from "@belay/sdk/http";
import type { Catalog } from "./catalog/index.ts";
import { type Fields, type ProviderSide, tryCredential } from "./connect/index.ts";
import { beginAuthorization, clientFor, createEndpoints, exchangeCode, type OAuthParts, obtainGrant, revokeGrant } from "./oauth/index.ts";
import type { Clock } from "./telemetry/index.ts";

export interface ReachParts {
  readonly catalog: Catalog;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What people's connecting and giving up asks of providers, by the protocol of each connector's auth. */
export function reachProviders({ catalog, network, clock, random }: ReachParts): ProviderSide {
  const endpoints = createEndpoints(clock);
  const connectorOf = (connection: Connection) => {
    const connector = catalog.connectors.get(connection.connector);
    if (connector === undefined)
      throw new BelayError("CONNECT_CONNECTOR_UNKNOWN", `connector: there is no "${connection.connector}" in the configuration.`);
    return connector;
  };
  const oauthOf = async (connection: Connection, fields: Fields = {}): Promise<OAuthParts> => {
    const dispatcher = dispatcherFor(connection, { network });
    const auth = await endpoints.resolve(connectorOf(connection), connection, dispatcher);
    if (auth.kind !== "oauth2") throw new BelayError("OAUTH_ENDPOINT_MISSING", `auth: "${auth.kind}" sends nobody to the provider.`);
    const own = connection.credential ?? {};
    return { auth, client: clientFor(catalog.config, connection.connector, { ...own, ...fields }), dispatcher, clock };
  };
  return {
    begin: async (connection, request) => await beginAuthorization(await oauthOf(connection), request),
    exchange: async (connection, answer) => await exchangeCode(await oauthOf(connection), answer),
    obtain: async (connection, fields) => {
      const dispatcher = dispatcherFor(connection, { network });
      const auth = await endpoints.resolve(connectorOf(connection), connection, dispatcher);
      return await obtainGrant({ auth, dispatcher, clock, ...clientOf(catalog, auth, connection) }, fields);
    },
    revoke: async (connection, fields) => {
      if (connectorOf(connection).auth.kind !== "oauth2") return { kind: "unsupported" };
      return await revokeGrant(await oauthOf(connection, fields), fields);
    },
    tryOut: async (connection, fields) => {
      const ports = { clock: systemClock, random, network, breaker: createMemoryBreaker(), budget: createMemoryBudget() };
      return await tryCredential(connectorOf(connection), { ...connection, credential: fields }, ports);
    },
    hasClient: (connector) => catalog.config.oauthClients?.[connector] !== undefined,
  };
}

/** The application that asks, where the auth knows any. */
function clientOf(
  catalog: Catalog,
  auth: OAuth2 | { readonly kind: string },
  { connector }: Connection,
): Pick<OAuthParts, "client"> | undefined {
  const client = auth.kind === "oauth2" ? catalog.config.oauthClients?.[connector] : undefined;
  return client && { client };
}
