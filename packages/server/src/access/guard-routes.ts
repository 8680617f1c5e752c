import { BelayError } from "@belay/sdk";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditLog } from "../audit/index.ts";
import { auditRequests } from "./audit-requests.ts";
import { confineRequest, type TenantOfConnection } from "./confine-request.ts";
import { isPermitted, type Principal } from "./principal.ts";
import { checkRoute } from "./route-config.ts";

/** Finds out on whose behalf a request is made: at once, or after a look into the database. `undefined`: nobody whom we know. */
export type Authenticate = (request: FastifyRequest) => Principal | undefined | Promise<Principal | undefined>;

export interface GuardParts {
  readonly authenticate: Authenticate;
  readonly tenantOfConnection: TenantOfConnection;
  readonly audit: Pick<AuditLog, "write" | "refuse">;
  /** Of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Guarded = Pick<FastifyInstance, "addHook" | "decorateRequest">;

/**
 * Guards all routes that are registered in the scope from now on: each has to name its permission, and lets in only who has it, confined to the tenant that is
 * theirs. The audit log learns of what the table of permissions says, and of everybody who was kept out.
 *
 * Refuses with `API_UNAUTHORIZED`, `ACCESS_DENIED` and `API_NOT_FOUND`. @throws `ACCESS_ROUTE_OPEN` when a route is registered that leaves open who may call it.
 */
export function guardRoutes(scope: Guarded, { authenticate, tenantOfConnection, audit, headers = {} }: GuardParts): void {
  scope.decorateRequest("principal");
  scope.addHook("onRoute", checkRoute);
  auditRequests(scope, { audit, tenantOfConnection });
  scope.addHook("onRequest", async (request, reply) => {
    reply.headers(headers);
    const found = authenticate(request);
    // Not to be awaited where there is nothing to wait for: most requests come with a key that is known.
    const principal = found instanceof Promise ? await found : found;
    if (principal === undefined) throw new BelayError("API_UNAUTHORIZED", "The token is missing or wrong.");
    request.principal = principal;
    const { permission } = request.routeOptions.config;
    if (permission === undefined || !isPermitted(principal, permission))
      throw new BelayError("ACCESS_DENIED", `This needs ${String(permission)}, which this ${nounOf(principal)} does not have.`);
  });
  scope.addHook("preValidation", async (request) => confineRequest(request, tenantOfConnection));
}

function nounOf({ kind, role }: Principal): string {
  return kind === "apiKey" ? "key" : `${role}`;
}
