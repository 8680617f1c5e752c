import type { Catalog } from "../catalog/index.ts";

/** All kinds of references that the configuration declares, and those of the records that its connectors can create. */
export function kindsOf({ config }: Catalog): string[] {
  const kinds = new Set<string>();
  for (const { id, webhooks, resources } of config.connectors) {
    for (const declared of Object.values(webhooks?.references ?? {})) addAll(kinds, declared);
    for (const [name, resource] of Object.entries(resources)) {
      if (resource.create === undefined) continue;
      kinds.add(`${id}.${name}`);
      addAll(kinds, resource.knownBy);
    }
  }
  for (const flow of config.flows) addAll(kinds, flow.references);
  return [...kinds];
}

function addAll(kinds: Set<string>, declared: object | undefined): void {
  for (const kind of Object.keys(declared ?? {})) kinds.add(kind);
}

/** Everybody who has a connection. */
export function tenantsOf({ hostRoutes }: Catalog): ReadonlySet<string> {
  return new Set(hostRoutes.keys());
}
