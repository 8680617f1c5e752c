import type { Connection } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";

/** A secret that the configuration or the environment holds; of several that are valid the newest. */
export interface ConfiguredSecret {
  readonly tenant: string;
  readonly name: string;
  readonly value: string;
  readonly remedy: string;
}

/** Every secret of the configuration that somebody rotates by changing it. @param isKept Whether a connection's credential is in the table, where it is renewed. */
export function configuredSecrets({ config }: Pick<Catalog, "config">, isKept: (connection: Connection) => boolean): ConfiguredSecret[] {
  const clients = Object.entries(config.oauthClients ?? {}).flatMap(([id, client]): ConfiguredSecret[] => {
    const newest = client?.secrets[0];
    const name = `oauthClients.${id}`;
    return newest === undefined ? [] : [{ tenant: "", name, value: newest.reveal(), remedy: "Put a new secret before the old one." }];
  });
  const ofConnections = config.connections.flatMap((connection): ConfiguredSecret[] => {
    const { id, tenant, webhookSecrets, credential } = connection;
    const newest = webhookSecrets?.[0];
    const fields = Object.entries(credential ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...(newest === undefined
        ? []
        : [{ tenant, name: `webhookSecrets of ${id}`, value: newest.reveal(), remedy: "Put a new secret before the old one." }]),
      ...(fields.length === 0 || isKept(connection)
        ? []
        : [
            {
              tenant,
              name: `credential of ${id}`,
              value: JSON.stringify(fields.map(([field, value]) => [field, value.reveal()])),
              remedy: "Make a second one at the provider, put it in place, and end the first.",
            },
          ]),
    ];
  });
  return [...clients, ...ofConnections];
}
