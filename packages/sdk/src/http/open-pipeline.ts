import type { Dispatcher } from "undici";
import { staticCredentials } from "../auth/credentials.ts";
import type { Credentials } from "../auth/credentials.ts";
import type { Connection } from "../config/define-config.ts";
import type { ConnectorDefinition } from "../connector/types.ts";
import type { BudgetOwner } from "./bind-budgets.ts";
import { providerOf, resolveBaseUrl } from "./base-url.ts";
import type { BaseUrl } from "./base-url.ts";
import { httpError } from "./errors.ts";
import type { Network } from "./network.ts";
import type { Send } from "./outbound.ts";
import { createPipeline } from "./pipeline.ts";
import type { PipelinePorts } from "./pipeline.ts";

/** What a connection's calls need from outside. All but the last two are shared by the connections of a process. */
export interface ConnectionPorts extends PipelinePorts {
  readonly network: Network;
  /** Default: the connection's own `credential`, which never changes. */
  readonly credentials?: Credentials;
  /**
   * Whether the connection may reach loopback and private networks. Default: only if it has a `baseUrl` of its own, which is for
   * operators to set; pass `false` where tenants can. Placeholders in a connector's URL never open them.
   */
  readonly allowPrivateHost?: boolean;
}

/** A connection's pipeline, and where it leads. */
export interface OpenPipeline {
  readonly base: BaseUrl;
  readonly send: Send;
}

/**
 * Opens the way to one connection's provider. Make one per connection and keep it.
 *
 * @throws `CLIENT_CONNECTION_INVALID` when the connection does not fit the connector.
 */
export function openPipeline(connector: ConnectorDefinition, connection: Connection, ports: ConnectionPorts): OpenPipeline {
  if (connection.connector !== connector.id) {
    throw httpError(
      "CLIENT_CONNECTION_INVALID",
      `Connection "${connection.id}" is one to "${connection.connector}", not to "${connector.id}".`,
    );
  }
  const base = resolveBaseUrl(connector, connection);
  const send = createPipeline(
    {
      connector,
      connection: `${connection.tenant}/${connection.id}`,
      owner: ownerOf(connector, connection),
      provider: providerOf(connector, connection),
      ...(connection.limits === undefined ? {} : { limits: connection.limits }),
      credentials: ports.credentials ?? staticCredentials(connection.credential),
      dispatcher: dispatcherFor(connection, ports),
      ...(ports.network.places && { places: ports.network.places }),
      origin: base.origin,
      // A host that an operator named stands for all of the connector's.
      hosts: connection.baseUrl === undefined ? (connector.hosts ?? []) : [],
    },
    ports,
  );
  return { base, send };
}

/** Whose calls count together, by what a connection is. */
export function ownerOf(connector: ConnectorDefinition, connection: Connection): BudgetOwner {
  const { id, tenant, account } = connection;
  const { path } = resolveBaseUrl(connector, connection);
  return { connector: connector.id, tenant, id, basePath: path, ...(account !== undefined && { account }) };
}

/** The pool that a connection's calls go through, whoever makes them: the calls of flows, the proxy's, those that obtain its credential. */
export function dispatcherFor(connection: Connection, ports: Pick<ConnectionPorts, "network" | "allowPrivateHost">): Dispatcher {
  const scope = (ports.allowPrivateHost ?? connection.baseUrl !== undefined) ? "private" : "public";
  return connection.tls === undefined ? ports.network[scope] : ports.network.withTls(scope, connection.tls);
}
