/**
 * Who may do what: principals, their roles, the permissions of routes, and the tenant that somebody is confined to.
 *
 * Terms: a *principal* is on whose behalf a request is made; its *role* has *permissions* (`noun.verb`), of which each route names the one that it needs; who is *confined*
 * to a tenant sees nothing of others.
 *
 * Tables owned: none.
 *
 * Invariants: a route without a permission is not served; what is somebody else's is answered like what does not exist.
 *
 * @module
 */
export { recognizeAdminToken } from "./admin-token.ts";
export { accessErrors } from "./errors.ts";
export { guardRoutes } from "./guard-routes.ts";
export type { Authenticate } from "./guard-routes.ts";
export type { Permission, PermissionRow } from "./permissions.ts";
export type { Principal } from "./principal.ts";
export type { Role } from "./roles.ts";
