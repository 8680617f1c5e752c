import { BelayError } from "@belay/sdk";
import type { RouteOptions } from "fastify";
import { type Permission, type PermissionRow, permissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a request to this route needs. Every route under `/v1` has one. */
    permission?: Permission;
    /** The name of the path parameter that holds a connection's id, where that says of which tenant the route tells. */
    connectionIn?: string;
  }
  interface FastifyRequest {
    /** On whose behalf the request is made. Set on every route under `/v1` before its handler runs. */
    principal: Principal;
  }
}

/**
 * Refuses a route that leaves open who may call it. One that tells of a tenant has to say where the tenant's name stands: as `tenant` in its schema of query, path or body,
 * or by a connection's id in its path. There it is forced for those who are confined to one, so that no handler has to think of it.
 *
 * @throws `ACCESS_ROUTE_OPEN` naming the route.
 */
export function checkRoute({ method, url, config, schema }: Pick<RouteOptions, "method" | "url" | "config" | "schema">): void {
  const route = `${[method].flat().join(", ")} ${url}`;
  const permission = config?.permission;
  if (permission === undefined || !Object.hasOwn(permissions, permission))
    throw new BelayError("ACCESS_ROUTE_OPEN", `${route}: name what it needs, as config.permission; access/permissions.ts lists all.`);
  const row: PermissionRow = permissions[permission];
  if (row.of !== "tenant" || config?.connectionIn !== undefined) return;
  if ([schema?.querystring, schema?.params, schema?.body].some(takesTenant)) return;
  throw new BelayError(
    "ACCESS_ROUTE_OPEN",
    `${route}: ${permission} opens things of one tenant; take a "tenant" in query, path or body, or name the path's parameter with the connection's id as config.connectionIn.`,
  );
}

/** Whether a schema of zod has a member `tenant`. */
export function takesTenant(schema: unknown): boolean {
  const shape: unknown = typeof schema === "object" && schema !== null ? Reflect.get(schema, "shape") : undefined;
  return typeof shape === "object" && shape !== null && Object.hasOwn(shape, "tenant");
}
