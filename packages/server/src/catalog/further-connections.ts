import { BelayError, type Connection, type Flow } from "@belay/sdk";

/**
 * The connections that a flow uses beside its target, by the names it gave them: those of the same tenant. Where the tenant has several to
 * a connector, the one that the event came from is meant. Undefined when one is missing: the tenant has not connected it, and the flow does
 * not apply to it.
 *
 * @param ofTenant All connections of the tenant.
 * @throws `CATALOG_FLOW_UNROUTABLE` when none of several is meant.
 */
export function furtherConnections(
  ofTenant: readonly Connection[],
  flow: Flow,
  { id: source, tenant }: { readonly tenant: string; readonly id?: string },
): Readonly<Record<string, Connection>> | undefined {
  const found: [string, Connection][] = [];
  for (const [name, { id }] of Object.entries(flow.connections ?? {})) {
    const candidates = ofTenant.filter((each) => each.connector === id);
    const [first, ...others] = candidates;
    const meant = others.length === 0 ? first : candidates.find((each) => each.id === source);
    if (first === undefined) return undefined;
    if (meant === undefined) {
      const names = candidates.map((each) => each.id).join(", ");
      throw new BelayError(
        "CATALOG_FLOW_UNROUTABLE",
        `Flow "${flow.id}", connections.${name}: it cannot tell which of ${names} is meant for tenant "${tenant}": keep one connection to "${id}" per tenant.`,
      );
    }
    found.push([name, meant]);
  }
  return Object.fromEntries(found);
}
