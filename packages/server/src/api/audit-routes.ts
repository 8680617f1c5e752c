import { z } from "zod";
import { readAddress, readEntries } from "../audit/index.ts";
import { auditPage } from "./access-schemas.ts";
import { toCursor } from "./cursor.ts";
import { beginning } from "./message-routes.ts";
import { pageQuery } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const moment = z.iso.datetime({ offset: true }).optional();
const auditQuery = pageQuery.extend({
  from: moment.describe("Entries of this time or later."),
  to: moment.describe("Entries before this time."),
  addresses: z.enum(["clear"]).optional().describe("With network addresses in the clear, which are personal data."),
});

/** What was done here, and by whom. */
export function registerAuditRoutes(scope: ApiScope, { database: { db }, cipher }: ApiParts): void {
  scope.get(
    "/audit",
    {
      config: { permission: "audit.read" },
      schema: {
        operationId: "readAudit",
        tags: ["access"],
        summary: "The audit log, oldest first.",
        description: "Each entry's hash covers its content and the hash before: `belay audit verify` checks it, also offline.",
        querystring: auditQuery,
        response: answers(auditPage),
      },
    },
    async ({ query: { limit, cursor, from, to, addresses } }) => {
      const after = beginning(cursor);
      const filter = {
        ...(after !== undefined && { after: after - 1 }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      };
      const items = await readEntries(db, filter, limit);
      const clear = addresses === undefined ? undefined : await readAddress(cipher.open, items);
      const next = toCursor((items.at(-1)?.number ?? (after ?? 1) - 1) + 1) ?? "";
      return { items: items.map((entry, index) => ({ ...entry, ...(clear && { from: clear[index] ?? null }) })), next };
    },
  );
}
