import { z } from "zod";
import { readNotices } from "../review/index.ts";
import { toCursor } from "./cursor.ts";
import { beginning } from "./message-routes.ts";
import { next, pageQuery, time } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const notice = z
  .object({
    kind: z
      .enum(["scopes-unused", "static-key", "rotation-due"])
      .describe(
        "scopes-unused: more was granted than is needed. static-key: a key that does not end, where the provider offers OAuth. rotation-due: a secret has been the same for long.",
      ),
    tenant: z.string().nullable().describe("null: of the installation."),
    subject: z.string().describe("What it is about: a connection, a connector, a key, a variable."),
    what: z.string(),
    remedy: z.string(),
    raisedAt: time,
  })
  .meta({ id: "Notice", description: "A matter that the daily access review has found; it is there until it is mended." });

const noticePage = z.object({ items: z.array(notice), next }).meta({ id: "NoticePage" });

/** What the access review has found. */
export function registerNoticeRoutes(scope: ApiScope, { database: { db } }: ApiParts): void {
  scope.get(
    "/notices",
    {
      config: { permission: "installation.read" },
      schema: {
        operationId: "listNotices",
        tags: ["installation"],
        summary: "What the access review has found and nobody has mended yet, the oldest first.",
        querystring: pageQuery,
        response: answers(noticePage),
      },
    },
    async ({ query: { limit, cursor } }) => {
      const begin = beginning(cursor) ?? 0;
      const found = await readNotices(db, begin, limit + 1);
      const items = found.slice(0, limit).map(({ tenant, ...rest }) => ({ ...rest, tenant: tenant === "" ? null : tenant }));
      return { items, next: toCursor(found.length > limit ? begin + limit : null) };
    },
  );
}
