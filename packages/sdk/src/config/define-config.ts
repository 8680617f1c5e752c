import type { AnyConnector, EventReference } from "../connector/define-connector.ts";
import type { CredentialOf } from "../auth/credential-of.ts";
import type { Limit } from "../connector/types.ts";
import type { Batch } from "../batch/define-batch.ts";
import { refuser } from "../definition/refuse.ts";
import type { Flow } from "../flow/define-flow.ts";
import type { Secret } from "../secret.ts";
import type { Sync } from "../sync/define-sync.ts";
import type { TwoWay } from "../sync/two-way/define-two-way.ts";
import type { View } from "../view/define-view.ts";
import { checkConfig } from "./check-config.ts";
import type { OAuthClient } from "./oauth-clients.ts";

/** What proves who is who on a host of one's own; PEM texts. */
export interface ConnectionTls {
  /** Trusted instead of the authorities that the machine trusts. */
  readonly ca?: Secret;
  /** Shown to the host where it asks who calls, with `key`. */
  readonly cert?: Secret;
  readonly key?: Secret;
}

/** A tenant's account at a provider. */
export interface Connection {
  /** Unique among all connections; stable: mailboxes are named after it. Those made while Belay runs begin with `conn_`, those of a configuration must not. */
  readonly id: string;
  readonly tenant: string;
  /** The connector's id. */
  readonly connector: string;
  /** Values for the placeholders in the connector's base URL. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Replaces the connector's base URL: a sandbox, an on-premise host, a simulator. Only operators set it, because it opens what the connector's own never does: a private
   * address, plain http to one. That host, and no other, is then called.
   */
  readonly baseUrl?: string;
  /** For a host whose certificate the machine does not trust, or that asks for one. Default: the machine's authorities, and none is shown. */
  readonly tls?: ConnectionTls;
  /** What this account was granted, where it differs from what the connector declares. */
  readonly limits?: readonly Limit[];
  /** The account at the provider, where several connections use the same one: they share the limits of scope `account`. Default: it has one of its own. */
  readonly account?: string;
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
  /** What is kept equal to what providers have, made by `defineSync`. Default: nothing. */
  readonly syncs?: readonly Sync[];
  /** What things look like as a whole, made by `defineView`. Default: none. */
  readonly views?: readonly View[];
  /** Work over sets, made by `defineBatch`. Default: none. */
  readonly batches?: readonly Batch[];
  /** What is kept equal in two systems, made by `defineTwoWay`. Their syncs are among `syncs`. Default: nothing. */
  readonly twoWays?: readonly TwoWay[];
  /** What the host application tells of itself, made by `defineEvents`. Default: nothing. */
  readonly events?: Readonly<Record<string, EventReference>>;
  /**
   * Your application at each provider, by the id of a connector whose auth is `oauth2`. Needed where users connect their accounts, and where
   * tokens are renewed; a connection whose credential has a `clientId` uses that instead. Default: none.
   */
  readonly oauthClients?: Readonly<Record<string, OAuthClient | undefined>>;
}

/** Shows in the compiler's message: the id that was written is none of these. A plain text there would make the whole connection `never`. */
interface NoSuchConnector<Known extends string> {
  readonly useOneOf: Known;
}

/**
 * What one connection must look like, by the connector that it names: so the compiler points at the field. Connections that are worked out,
 * whose connector is any text, are checked when the configuration is loaded.
 */
type Checked<C extends AnyConnector, Each> = Each extends { readonly connector: infer Id extends string }
  ? string extends Id
    ? Connection
    : Id extends C["id"]
      ? Omit<Connection, "connector" | "credential"> & {
          readonly connector: Id;
          readonly credential?: CredentialOf<Extract<C, { readonly id: Id }>["auth"]>;
        }
      : Omit<Connection, "connector"> & { readonly connector: NoSuchConnector<C["id"]> }
  : Connection;

/** The ids of connectors whose auth is `oauth2`; any id where the connectors are of unknown kinds. */
type OAuthConnectorId<C extends AnyConnector> = C extends AnyConnector ? ("oauth2" extends C["auth"]["kind"] ? C["id"] : never) : never;

type ClientsOfConnectors<C extends AnyConnector> = { readonly [Id in OAuthConnectorId<C>]?: OAuthClient };

/** A configuration whose connections are typed by its connectors. */
export interface ConfigOf<Connectors extends readonly AnyConnector[], Connections> extends Omit<
  Config,
  "connectors" | "connections" | "oauthClients"
> {
  readonly connectors: Connectors;
  readonly oauthClients?: ClientsOfConnectors<Connectors[number]>;
  readonly connections: Connections & { readonly [Index in keyof Connections]: Checked<Connectors[number], Connections[Index]> };
}

/**
 * Declares what this Belay runs: the default export of `belay.config.ts`. The file is loaded by the main thread and by every
 * worker thread, so it must have no side effects.
 *
 * @throws `SDK_CONFIG_INVALID` naming the field, what was found, what to write instead, and the file and line of the configuration.
 */
export function defineConfig<const Connectors extends readonly AnyConnector[], const Connections extends readonly Connection[]>(
  config: ConfigOf<Connectors, Connections>,
): Config {
  checkConfig(config, refuser("SDK_CONFIG_INVALID", "Configuration", defineConfig));
  return config;
}
