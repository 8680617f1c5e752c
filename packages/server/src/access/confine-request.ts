import { BelayError } from "@belay/sdk";
import type { FastifyRequest } from "fastify";
import { takesTenant } from "./route-config.ts";

/** The tenant of a connection, while there is such a connection. */
export type TenantOfConnection = (id: string) => string | undefined;

/**
 * Confines a request to the tenant of its principal, if it has one: where the tenant is left out it is put in, and where another stands there is nothing. Runs before
 * validation, so that a schema which wants a tenant gets one.
 *
 * What is somebody else's and what does not exist are refused at the same place with the same words; ids below a tenant are looked for among its own only.
 *
 * @throws `API_NOT_FOUND`.
 */
export function confineRequest(request: FastifyRequest, tenantOfConnection: TenantOfConnection): void {
  const { tenant } = request.principal;
  if (tenant === undefined) return;
  const { schema } = request.routeOptions;
  if (takesTenant(schema?.querystring)) confinePart(request.query, tenant);
  if (takesTenant(schema?.params)) confinePart(request.params, tenant);
  if (takesTenant(schema?.body)) confinePart(request.body, tenant);
  const { connectionIn } = request.routeOptions.config;
  if (connectionIn === undefined) return;
  const id: unknown = memberOf(request.params, connectionIn);
  if (typeof id !== "string" || tenantOfConnection(id) !== tenant)
    throw new BelayError("API_NOT_FOUND", `There is no connection "${String(id)}".`);
}

function confinePart(part: unknown, tenant: string): void {
  const given = memberOf(part, "tenant");
  if (typeof given === "string" && given !== tenant) throw new BelayError("API_NOT_FOUND", `There is nothing of tenant "${given}" here.`);
  // Anything but a text is refused by the schema.
  if (given === undefined && typeof part === "object" && part !== null) Reflect.set(part, "tenant", tenant);
}

function memberOf(part: unknown, name: string): unknown {
  return typeof part === "object" && part !== null && Object.hasOwn(part, name) ? Reflect.get(part, name) : undefined;
}
