import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { makeReproduction, readStory, type Story, tellFailure } from "../insight/index.ts";
import { messageStates, searchMessages } from "../mailbox/index.ts";
import { readCursor, toCursor } from "./cursor.ts";
import {
  explanationQuery,
  idParameter,
  maybeTenantQuery,
  messagePage,
  pageQuery,
  reproduction,
  storable,
  story as storySchema,
  toldFailure,
} from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const messagesQuery = pageQuery.extend({
  tenant: storable.optional(),
  mailbox: storable.optional(),
  flow: storable.optional(),
  state: z.enum(messageStates).optional(),
  since: z.iso.datetime({ offset: true }).optional().describe("Received, or replayed, at this time or later. ISO 8601."),
});

const storyQuery = maybeTenantQuery.extend({
  exchanges: z.enum(["full"]).optional().describe("With the headers and bodies of exchanges, which may be long."),
});

const reproductionQuery = maybeTenantQuery.extend({
  attempt: z.coerce.number().int().positive().optional().describe("Which attempt. Default: the last that failed."),
});

/** What became of events. */
export function registerMessageRoutes(scope: ApiScope, { database: { db }, catalog, cipher, clock }: ApiParts): void {
  const findStory = async (id: number, tenant: string | undefined, withBodies = false): Promise<Story> => {
    const found = await readStory({ db, catalog, cipher }, id, { tenant, withBodies });
    if (found !== undefined) return found;
    const whose = tenant === undefined ? "" : ` of tenant "${tenant}"`;
    throw new BelayError("API_NOT_FOUND", `There is no message ${id}${whose}, or its time is over.`);
  };
  scope.get(
    "/messages",
    {
      config: { permission: "messages.read" },
      schema: {
        operationId: "listMessages",
        tags: ["messages"],
        summary: "Messages, newest first.",
        description:
          "Searches for a second at most and then gives what it has: a page may be short, or empty, and not be the last. A tenant or a mailbox makes it fast.",
        querystring: messagesQuery,
        response: answers(messagePage),
      },
    },
    async ({ query: { limit, cursor, since, ...filter } }) => {
      const page = await searchMessages(
        db,
        cipher,
        clock,
        { ...filter, since: since === undefined ? undefined : new Date(since) },
        { limit, below: beginning(cursor) },
      );
      return { items: [...page.items], next: toCursor(page.below) };
    },
  );
  scope.get(
    "/messages/:id",
    {
      config: { permission: "messages.read" },
      schema: {
        operationId: "showMessage",
        tags: ["messages"],
        summary: "The whole story of one message.",
        params: idParameter,
        querystring: storyQuery,
        response: answers(storySchema),
      },
    },
    async ({ params: { id }, query: { tenant, exchanges } }) => {
      return toAnswer(await findStory(id, tenant, exchanges === "full"));
    },
  );
  scope.get(
    "/messages/:id/explanation",
    {
      config: { permission: "messages.explain" },
      schema: {
        operationId: "explainMessage",
        tags: ["messages"],
        summary: "What is wrong with one message and what to do, for one reader.",
        description: "For the tenant without codes, error texts and names of yours; for support and engineers with them.",
        params: idParameter,
        querystring: explanationQuery,
        response: answers(toldFailure),
      },
    },
    async ({ params: { id }, query: { tenant, for: register }, principal }) => {
      // A tenant's user reads what is written for tenants, whatever is asked for.
      const told = tellFailure(await findStory(id, tenant), principal.role === "tenant" ? "tenant" : register);
      return { ...told, actions: [...told.actions] };
    },
  );
  scope.get(
    "/messages/:id/reproduction",
    {
      config: { permission: "messages.read" },
      schema: {
        operationId: "reproduceMessage",
        tags: ["messages"],
        summary: "A failed attempt as a file that fails alike offline.",
        description:
          "Without secrets; personal values are made-up ones of the same shape. `belay reproduce --run` and `reproduce` of `@belay/testkit` run it.",
        params: idParameter,
        querystring: reproductionQuery,
        response: answers(reproduction),
      },
    },
    async ({ params: { id }, query }) => {
      const made = await makeReproduction({ db, catalog, cipher }, id, query);
      if (made === undefined) throw new BelayError("API_NOT_FOUND", `There is no message ${id}, or its time is over.`);
      return {
        ...made,
        connections: made.connections.map((connection) => ({ ...connection, credential: [...connection.credential] })),
        exchanges: [...made.exchanges],
        incomplete: [...made.incomplete],
      };
    },
  );
}

/** A story as the route's schema has it, with lists that may be changed. */
export function toAnswer(found: Story): z.output<typeof storySchema> {
  const { explanation } = found;
  return {
    ...found,
    steps: [...found.steps],
    story: [...found.story],
    attempts: found.attempts.map((attempt) => ({ ...attempt, steps: [...attempt.steps], exchanges: [...attempt.exchanges] })),
    explanation: explanation && { ...explanation, actions: [...explanation.actions] },
  };
}

/** @throws `API_REQUEST_INVALID`. */
export function beginning(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const below = readCursor(cursor);
  if (below === undefined) throw new BelayError("API_REQUEST_INVALID", "cursor: this is none; take the next of the page before.");
  return below;
}
