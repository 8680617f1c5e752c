import { BelayError } from "@belay/sdk";
import { foreseeDone, readLimits, type ToldBudget, type ToldLimit } from "../limits/index.ts";
import { readWaitingOf, type WaitingInLane } from "../mailbox/index.ts";
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
        description:
          "Of all processes together, with what waits for the connection. What refusals came when is counted among the measures, as status.429.",
        querystring: maybeTenantQuery.extend({ connection: storable.describe("The connection's id.") }),
        response: answers(limitsOfConnection),
      },
    },
    async ({ query: { connection: id, tenant } }) => {
      const connection = catalog.connections.get(id);
      const connector = connection && catalog.connectors.get(connection.connector);
      if (connection === undefined || connector === undefined || (tenant !== undefined && tenant !== connection.tenant))
        throw new BelayError("API_NOT_FOUND", `There is no connection "${id}".`);
      const [budgets, { lanes, nowMs }] = await Promise.all([
        readLimits(database.db, connector, connection),
        readWaitingOf(database.db, connection.tenant, id),
      ]);
      const waiting = lanes.reduce((sum, { messages }) => sum + messages, 0);
      return {
        connection: id,
        tenant: connection.tenant,
        connector: connector.id,
        budgets: budgets.map(toBudget),
        waits: lanes.map(toWaits),
        doneAtEarliest: waiting === 0 ? null : toTime(foreseeDone(budgets, waiting, nowMs)),
      };
    },
  );
}

function toBudget({ blockedUntilMs, limits, usage: { sinceMs, ...usage }, ...budget }: ToldBudget) {
  return { ...budget, blockedUntil: toTime(blockedUntilMs), limits: limits.map(toLimit), usage: { ...usage, since: toTime(sinceMs) } };
}

function toWaits({ oldestAtMs, goesOnAtMs, ...waiting }: WaitingInLane) {
  return { ...waiting, oldest: new Date(oldestAtMs).toISOString(), goesOnAt: toTime(goesOnAtMs) };
}

function toLimit({ freeAtMs, usedUpAtMs, resetAtMs, ...limit }: ToldLimit) {
  return { ...limit, freeAt: toTime(freeAtMs), usedUpAt: toTime(usedUpAtMs), resetAt: toTime(resetAtMs) };
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
