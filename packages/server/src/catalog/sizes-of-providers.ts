import { providerOf } from "@belay/sdk/http";
import type { Catalog } from "./catalog.ts";

/** The connections that a provider has in this installation. */
export interface SizeOfProvider {
  readonly connections: number;
  readonly tenants: readonly string[];
  readonly ids: readonly string[];
}

/** All providers that connections lead to, with the size of each. Takes time in proportion to the connections. */
export function sizesOfProviders({ connections, connectors }: Pick<Catalog, "connections" | "connectors">): Map<string, SizeOfProvider> {
  const byProvider = Map.groupBy(connections.values(), (connection) => {
    const connector = connectors.get(connection.connector);
    return connector === undefined ? "" : providerOf(connector, connection);
  });
  byProvider.delete("");
  return new Map(
    [...byProvider].map(([provider, of]) => [
      provider,
      { connections: of.length, tenants: [...new Set(of.map(({ tenant }) => tenant))], ids: of.map(({ id }) => id) },
    ]),
  );
}
