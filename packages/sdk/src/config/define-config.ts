import type { AnyConnector, EventReference } from "../connector/define-connector.ts";
import type { Limit } from "../connector/types.ts";
import { BelayError } from "../errors/belay-error.ts";
import { hostSource } from "../flow/define-events.ts";
import type { Flow } from "../flow/define-flow.ts";
import type { Secret } from "../secret.ts";

/** A tenant's account at a provider. */
export interface Connection {
  /** Unique among all connections; stable: mailboxes are named after it. */
  readonly id: string;
  readonly tenant: string;
  /** The connector's id. */
  readonly connector: string;
  /** Values for the placeholders in the connector's base URL. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Replaces the connector's base URL: a sandbox, an on-premise host, a simulator. */
  readonly baseUrl?: string;
  /** What this account was granted, where it differs from what the connector declares. */
  readonly limits?: readonly Limit[];
  /** The fields that the connector's `auth` names. */
  readonly credential?: Readonly<Record<string, Secret>>;
  /** Where the provider sends its webhooks: an unguessable id of at least 16 characters, the last part of the ingest URL. */
  readonly endpoint?: string;
  /** Webhook secrets, all valid at once while one is being rotated. */
  readonly webhookSecrets?: readonly Secret[];
}

export interface Config {
  readonly connectors: readonly AnyConnector[];
  readonly flows: readonly Flow[];
  readonly connections: readonly Connection[];
  /** What the host application tells of itself, made by `defineEvents`. Default: nothing. */
  readonly events?: Readonly<Record<string, EventReference>>;
}

/**
 * Declares what this Belay runs: the default export of `belay.config.ts`. The file is loaded by the main thread and by every
 * worker thread, so it must have no side effects.
 *
 * @throws `SDK_CONFIG_INVALID` naming the entry, the field and what to write instead.
 */
export function defineConfig(config: Config): Config {
  const refuse = (where: string, remedy: string): never => {
    throw new BelayError("SDK_CONFIG_INVALID", `${where}: ${remedy}`);
  };
  const refuseRepeats = (kind: string, ids: readonly string[]): void => {
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    if (repeated !== undefined) refuse(`${kind} "${repeated}"`, "is declared twice; give each its own id.");
  };
  refuseRepeats(
    "Connector",
    config.connectors.map((connector) => connector.id),
  );
  refuseRepeats(
    "Flow",
    config.flows.map((flow) => flow.id),
  );
  refuseRepeats(
    "Connection",
    config.connections.map((connection) => connection.id),
  );
  refuseRepeats(
    "Endpoint",
    config.connections.flatMap((connection) => connection.endpoint ?? []),
  );
  refuseMistakesOfEvents(config, refuse);
  for (const connection of config.connections) {
    const connector = config.connectors.find(({ id }) => id === connection.connector);
    if (connector === undefined) {
      refuse(
        `Connection "${connection.id}", connector`,
        `"${connection.connector}" is not declared; add it to connectors or correct the name.`,
      );
    }
    if (connection.endpoint === undefined) continue;
    if (!/^[A-Za-z0-9_-]{16,64}$/.test(connection.endpoint)) {
      refuse(`Connection "${connection.id}", endpoint`, "use 16 to 64 random letters, digits, dashes or underscores.");
    }
    if ((connection.webhookSecrets ?? []).length === 0) {
      refuse(`Connection "${connection.id}", webhookSecrets`, "give at least one, or nothing that arrives can be believed.");
    }
    if (connector?.webhooks === undefined)
      refuse(`Connection "${connection.id}", endpoint`, `connector "${connection.connector}" declares no webhooks.`);
  }
  return config;
}

function refuseMistakesOfEvents(
  { connectors, connections, events, flows }: Config,
  refuse: (where: string, remedy: string) => never,
): void {
  for (const flow of flows) {
    const missing = flow.on.find(({ connector, type }) => connector === hostSource && !Object.hasOwn(events ?? {}, type));
    if (missing !== undefined)
      refuse(`Flow "${flow.id}", on`, `"${missing.type}" is the host application's; add its definition to events.`);
  }
  if (events === undefined) return;
  const taken = [...connectors, ...connections].find(({ id }) => id === hostSource);
  if (taken !== undefined) refuse(`Id "${hostSource}"`, "stands for the host application; call this connector or connection otherwise.");
}
