/**
 * Who may do what: principals, their roles, the permissions of routes, and the tenant that somebody is confined to.
 *
 * Terms: a *principal* is on whose behalf a request is made; its *role* has *permissions* (`noun.verb`), of which each route names the one that it needs; who is *confined*
 * to a tenant sees nothing of others.
 *
 * Tables owned: api_key, operator, operator_session, sign_in_failure.
 *
 * Invariants: of keys and sessions only hashes are kept; a route without a permission is not served; what is somebody else's is answered like what does not exist.
 *
 * @module
 */
export { accessErrors } from "./errors.ts";
export { guardRoutes } from "./guard-routes.ts";
export { askedBy } from "./audit-requests.ts";
export { findAgedApiKeys } from "./key-store.ts";
export { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from "./manage-api-keys.ts";
export { endOperatorSession, listOperators, listSessions, takeAccessAway } from "./manage-operators.ts";
export { openAccess } from "./open-access.ts";
export type { Access } from "./open-access.ts";
export type { OidcOptions } from "./oidc.ts";
export { permissions } from "./permissions.ts";
export type { Permission, PermissionRow } from "./permissions.ts";
export type { Principal } from "./principal.ts";
export { isPermitted } from "./principal.ts";
export { roles } from "./roles.ts";
export { deleteOldSessions } from "./session-store.ts";
