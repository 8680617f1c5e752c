import { readCalls } from "../exchanges/index.ts";
import { showExchange } from "../insight/index.ts";
import { toCursor } from "./cursor.ts";
import { beginning } from "./message-routes.ts";
import { pageQuery, proxiedCallPage, storable, tenantQuery } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const callsQuery = pageQuery.extend({ ...tenantQuery.shape, connection: storable.optional().describe("Of this one only.") });

/** What was said through the proxy. */
export function registerProxiedCallRoutes(scope: ApiScope, { database: { db }, cipher }: ApiParts): void {
  scope.get(
    "/proxied-calls",
    {
      config: { permission: "messages.read" },
      schema: {
        operationId: "listProxiedCalls",
        tags: ["proxy"],
        summary: "Calls through the proxy that failed, and a share of the others, newest first.",
        description:
          "With what was sent and answered each time, without secrets and personal values. They are kept as long as the attempts of messages.",
        querystring: callsQuery,
        response: answers(proxiedCallPage),
      },
    },
    async ({ query: { tenant, connection, limit, cursor } }) => {
      const calls = await readCalls(db, cipher, { tenant, connection, before: beginning(cursor) }, limit);
      return {
        items: calls.map((call) => ({ ...call, exchanges: call.exchanges.map((exchange) => showExchange(exchange, true)) })),
        next: toCursor(calls.length === limit ? (calls.at(-1)?.id ?? null) : null),
      };
    },
  );
}
