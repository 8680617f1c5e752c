/**
 * What runs here: connectors and flows, as the configuration declares them, and connections, also those that are made while Belay runs, indexed by endpoint and event
 * type. Routes are worked out per tenant when they are asked for, so that a change of one connection costs the same however many there are.
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
export type { CatalogChange } from "./catalog-in-force.ts";
export type { Catalog, Endpoint, GrowingCatalog, WebhookSecrets } from "./catalog.ts";
export { catalogErrors } from "./errors.ts";
export { checkRoutes } from "./find-routes.ts";
export type { Route } from "./find-routes.ts";
export { furtherConnections } from "./further-connections.ts";
export type { ConnectionIndex } from "./index-connections.ts";
export { redactSecretsOf } from "./redact-secrets.ts";
export { personalFields } from "./personal-fields.ts";
export type { PersonalFields } from "./personal-fields.ts";
export { sizesOfProviders } from "./sizes-of-providers.ts";
export type { SizeOfProvider } from "./sizes-of-providers.ts";
export { loadConfig } from "./load-config.ts";
