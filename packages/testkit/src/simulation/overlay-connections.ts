import { Secret, defineConfig } from "@belay/sdk";
import type { Config } from "@belay/sdk";
import type { SimulatedConnection } from "./simulated-connections.ts";

/** A simulated connection and the account that stands for the provider. */
export interface ConnectionOverlay extends SimulatedConnection {
  readonly baseUrl: string;
}

/** A credential as the SDK takes it. */
export function secretsOf(credential: Readonly<Record<string, string>>): Readonly<Record<string, Secret>> {
  const secrets: Record<string, Secret> = {};
  for (const [field, value] of Object.entries(credential)) secrets[field] = new Secret(value);
  return secrets;
}

/** The configuration with its connections at simulators. A connection that no overlay names is left out: it would reach the provider. */
export function overlayConnections(config: Config, overlays: readonly ConnectionOverlay[]): Config {
  const byId = new Map(overlays.map((overlay) => [overlay.id, overlay]));
  return defineConfig({
    ...config,
    connections: config.connections.flatMap((connection) => {
      const overlay = byId.get(connection.id);
      if (overlay === undefined) return [];
      const { endpoint: _endpoint, webhookSecrets: _secrets, ...kept } = connection;
      return [
        {
          ...kept,
          baseUrl: overlay.baseUrl,
          credential: secretsOf(overlay.credential),
          ...(overlay.webhooks && { endpoint: overlay.webhooks.endpoint, webhookSecrets: [new Secret(overlay.webhooks.secret)] }),
        },
      ];
    }),
  });
}

/**
 * The URL of a module whose default export is the configuration at `configUrl` with its connections at simulators. The worker threads of
 * a server import their configuration themselves, so it has to be a module and not a value.
 */
export function overlaidConfigUrl(configUrl: string, overlays: readonly ConnectionOverlay[]): string {
  const source = [
    `import config from ${JSON.stringify(configUrl)};`,
    `import { overlayConnections } from ${JSON.stringify(import.meta.url)};`,
    `export default overlayConnections(config, ${JSON.stringify(overlays)});`,
  ].join("\n");
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
