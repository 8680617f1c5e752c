import { BelayError } from "@belay/sdk";
import { readLimits, type ToldBudget, type ToldLimit } from "../limits/index.ts";
import { limitsOfConnection } from "./limit-schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";
import { maybeTenantQuery, storable } from "./schemas.ts";

/** How providers' limits stand for a connection. */
export function registerLimitRoutes(scope: ApiScope, { database, catalog }: ApiParts): void {
  scope.get(
    "/limits",
    {
      config: { permission: "limits.read" },
      schema: {
        operationId: "readLimits",
        tags: ["limits"],
        summary: "What a connection may still send: used, remaining, who waits, and when there is room again.",
        description: "Of all processes together. What refusals came when is counted among the measures, as status.429.",
        querystring: maybeTenantQuery.extend({ connection: storable.describe("The connection's id.") }),
        response: answers(limitsOfConnection),
      },
    },
    async ({ query: { connection: id, tenant } }) => {
      const connection = catalog.connections.get(id);
      const connector = connection && catalog.connectors.get(connection.connector);
      if (connection === undefined || connector === undefined || (tenant !== undefined && tenant !== connection.tenant))
        throw new BelayError("API_NOT_FOUND", `There is no connection "${id}".`);
      const budgets = await readLimits(database.db, connector, connection);
      return { connection: id, tenant: connection.tenant, connector: connector.id, budgets: budgets.map(toBudget) };
    },
  );
}

function toBudget({ blockedUntilMs, limits, usage: { sinceMs, ...usage }, ...budget }: ToldBudget) {
  return { ...budget, blockedUntil: toTime(blockedUntilMs), limits: limits.map(toLimit), usage: { ...usage, since: toTime(sinceMs) } };
}

function toLimit({ freeAtMs, usedUpAtMs, resetAtMs, ...limit }: ToldLimit) {
  return { ...limit, freeAt: toTime(freeAtMs), usedUpAt: toTime(usedUpAtMs), resetAt: toTime(resetAtMs) };
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
