/**
 * What runs here: connectors, flows and connections, as the configuration declares them, indexed by endpoint and event type.
 *
 * Tables owned: none.
 *
 * Invariant: an event of an endpoint and a flow lead to exactly one connection of the same tenant, or to none; so does each further
 * connection that the flow names.
 *
 * @module
 */
export { addressOf } from "./address-of.ts";
export { buildCatalog } from "./catalog.ts";
export { CatalogInForce } from "./catalog-in-force.ts";
export type { Catalog, Endpoint, Route } from "./catalog.ts";
export { catalogErrors } from "./errors.ts";
export { furtherConnections } from "./further-connections.ts";
export { indexConnections } from "./index-connections.ts";
export type { ConnectionIndex } from "./index-connections.ts";
export { redactSecretsOf } from "./redact-secrets.ts";
export { personalFields } from "./personal-fields.ts";
export type { PersonalFields } from "./personal-fields.ts";
export { loadConfig } from "./load-config.ts";
