import { findStories, readStory } from "../insight/index.ts";
import { toCursor } from "./cursor.ts";
import { beginning, toAnswer } from "./message-routes.ts";
import { pageQuery, storable, storyPage } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const storiesQuery = pageQuery.extend({
  ref: storable
    .max(512)
    .describe(
      "Any handle: the id of a message, a trace, an event or a record, an order key, an e-mail address, an order number, a tenant.",
    ),
  tenant: storable.optional().describe("Only messages of this one. Default: of all that have a connection."),
});

/** Messages by whatever people have in hand. */
export function registerStoryRoutes(scope: ApiScope, { database: { db }, cipher, catalog, references, clock }: ApiParts): void {
  scope.get(
    "/stories",
    {
      config: { permission: "messages.read" },
      schema: {
        operationId: "findStories",
        tags: ["messages"],
        summary: "Messages by any handle, newest first.",
        description:
          "Nobody has to say what kind of handle it is; the answer says what it was. Where exactly one message is found, its whole story comes along. References are compared by keyed hashes: no personal data is searched.",
        querystring: storiesQuery,
        response: answers(storyPage),
      },
    },
    async (request) => {
      const { ref, tenant, limit, cursor } = request.query;
      const page = await findStories({ db, cipher, catalog, references, clock }, { ref, tenant, limit, below: beginning(cursor) });
      const [only] = page.items;
      // Not the handle itself, which may be somebody's address.
      request.auditObject = `found=${page.items.map(({ message }) => message.id).join(",")}`.slice(0, 300);
      const alone = only !== undefined && page.items.length === 1 && page.below === null && cursor === undefined;
      const found = alone ? await readStory({ db, catalog, cipher }, only.message.id, { tenant: only.message.tenant }) : undefined;
      return {
        items: page.items.map((item) => ({ message: item.message, foundBy: [...item.foundBy] })),
        story: found === undefined ? null : toAnswer(found),
        next: toCursor(page.below),
      };
    },
  );
}
