import { type AnyConnector, BelayError, type Connection } from "@belay/sdk";
import type { UnifiedMapping, UnifiedModel } from "@belay/sdk/models";
import type { Catalog } from "../catalog/index.ts";

/** A connection whose records a mapping makes a model's. */
export interface Covered {
  readonly connection: Connection;
  readonly connector: AnyConnector;
  readonly mapping: UnifiedMapping;
}

/**
 * The mapping by which a tenant's connection has records of a model.
 *
 * @throws `API_NOT_FOUND` for a connection that is not there or is another tenant's, in the same words; `UNIFIED_NOT_COVERED` without a mapping.
 */
export function coveredBy(
  catalog: Pick<Catalog, "connections" | "connectors">,
  model: UnifiedModel,
  { tenant, connection: id }: { readonly tenant: string; readonly connection: string },
): Covered {
  const connection = catalog.connections.get(id);
  const connector = catalog.connectors.get(connection?.connector ?? "");
  if (connection?.tenant !== tenant || connector === undefined)
    throw new BelayError("API_NOT_FOUND", `There is no connection "${id}" of tenant "${tenant}".`);
  const mapping = mappingTo(connector, model);
  if (mapping === undefined)
    throw new BelayError("UNIFIED_NOT_COVERED", `The connector "${connector.id}" has no records of the model "${model.model}".`);
  return { connection, connector, mapping };
}

/** A connector's mapping to a model; undefined where it has none. */
export function mappingTo(connector: AnyConnector | undefined, { model }: Pick<UnifiedModel, "model">): UnifiedMapping | undefined {
  return connector?.mappings?.find((mapping) => mapping.model.model === model);
}
