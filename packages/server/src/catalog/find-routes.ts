import { BelayError, type Config, type Connection, type Flow, hostSource } from "@belay/sdk";
import { furtherConnections } from "./further-connections.ts";

/** A flow that an event of an endpoint starts, and the connection it writes to. */
export interface Route {
  readonly flow: Flow;
  readonly target: Connection;
}

/** Where events come from: a connection, or the host application. */
export type RouteSource = Pick<Connection, "tenant" | "connector"> & { readonly id?: string };

/** Routes by event type. */
export type Routes = ReadonlyMap<string, readonly Route[]>;

/**
 * What an event of a source starts.
 *
 * @param ofTenant All connections of its tenant.
 * @throws `CATALOG_FLOW_UNROUTABLE` naming flow, tenant and remedy.
 */
function findRoutes(config: Config, ofTenant: readonly Connection[], source: RouteSource): Routes {
  return collect(config, ofTenant, source, (flow, targets) => {
    if (targets.length > 1) throw unroutable(flow, targets, source.tenant);
    return furtherConnections(ofTenant, flow, source) === undefined ? undefined : targets[0];
  });
}

/**
 * The same for connections that were checked one by one as they were made, and must not stop the others when they do not fit together after all, because the
 * configuration has changed since: of several targets the first that was connected stays the target, and where a further connection cannot be told, the run says so.
 */
export function findRoutesAnyway(config: Config, ofTenant: readonly Connection[], source: RouteSource): Routes {
  return collect(config, ofTenant, source, (flow, [first]) => {
    const isThere = (id: string): boolean => ofTenant.some(({ connector }) => connector === id);
    return Object.values(flow.connections ?? {}).every(({ id }) => isThere(id)) ? first : undefined;
  });
}

/**
 * Whether everything that happens at a tenant leads somewhere, or nowhere, but never to one of several.
 *
 * @throws `CATALOG_FLOW_UNROUTABLE`.
 */
export function checkRoutes(config: Config, ofTenant: readonly Connection[]): void {
  const [{ tenant } = { tenant: "" }] = ofTenant;
  findRoutes(config, ofTenant, { tenant, connector: hostSource });
  for (const connection of ofTenant) if (connection.endpoint !== undefined) findRoutes(config, ofTenant, connection);
}

function collect(
  config: Config,
  ofTenant: readonly Connection[],
  source: RouteSource,
  choose: (flow: Flow, targets: readonly Connection[]) => Connection | undefined,
): Routes {
  const routes = new Map<string, Route[]>();
  for (const flow of config.flows) {
    if (flow.on[0]?.connector !== source.connector) continue;
    // A tenant without that target has not connected it: the flow does not apply to it.
    const target = choose(
      flow,
      ofTenant.filter(({ connector }) => connector === flow.to.id),
    );
    if (target === undefined) continue;
    for (const { type } of flow.on) routes.set(type, [...(routes.get(type) ?? []), { flow, target }]);
  }
  return routes;
}

function unroutable(flow: Flow, targets: readonly Connection[], tenant: string): BelayError {
  const names = targets.map(({ id }) => id).join(", ");
  return new BelayError(
    "CATALOG_FLOW_UNROUTABLE",
    `Flow "${flow.id}" cannot tell which of ${names} to write to for tenant "${tenant}": keep one connection to "${flow.to.id}" per tenant.`,
  );
}
