import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { readStory } from "../insight/index.ts";
import { actOnDeadLetters, type DeadLetterFilter, type DeadLetterKey, discardDeadLetters, listDeadLetters } from "../mailbox/index.ts";
import { toCursor } from "./cursor.ts";
import { beginning, toAnswer } from "./message-routes.ts";
import { once } from "./once.ts";
import { count, deadLetterPage, idParameter, maybeTenantQuery, pageQuery, storable, story, tenantQuery } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope, idempotencyHeader } from "./scope.ts";
import { z } from "zod";

const filterQuery = z.object({ tenant: storable.optional(), code: storable.optional(), flow: storable.optional() });
const listQuery = pageQuery.extend(filterQuery.shape);
const bulkQuery = filterQuery.refine((filter) => filter.tenant ?? filter.code ?? filter.flow, {
  path: ["filter"],
  message: "name a tenant, a code or a flow; acting on all of them at once is too easily a mistake",
});

/** What waits for a person. */
export function registerDeadLetterRoutes(scope: ApiScope, parts: ApiParts): void {
  const {
    database: { db },
    cipher,
    catalog,
  } = parts;
  scope.get(
    "/dead-letters",
    {
      config: { permission: "dead-letters.read" },
      schema: {
        operationId: "listDeadLetters",
        tags: ["dead letters"],
        summary: "Dead letters, newest first.",
        querystring: listQuery,
        response: answers(deadLetterPage),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const before = beginning(cursor);
      const items = await listDeadLetters(db, cipher, { ...present(filter), ...(before !== undefined && { before }) }, limit);
      return { items, next: toCursor(items.length === limit ? (items.at(-1)?.id ?? null) : null) };
    },
  );
  scope.get(
    "/dead-letters/:id",
    {
      config: { permission: "dead-letters.read" },
      schema: {
        operationId: "showDeadLetter",
        tags: ["dead letters"],
        summary: "A dead letter with its cause and what to do.",
        params: idParameter,
        querystring: maybeTenantQuery,
        response: answers(story),
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const found = await readStory({ db, cipher, catalog }, id, { tenant });
      if (found?.message.state !== "dead") {
        const now = found === undefined ? "there is no message of this id either" : `message ${id} is ${found.message.state}`;
        throw new BelayError("API_NOT_FOUND", `There is no dead letter ${id}; ${now}.`);
      }
      return toAnswer(found);
    },
  );
  registerAction(
    scope,
    parts,
    "replay",
    "Gives another chance. Finished steps are not run again, and effects keep their idempotency keys.",
    parts.replay,
  );
  registerAction(scope, parts, "discard", "Ends for good; they stay in history as discarded.", discardDeadLetters);
}

function registerAction(
  scope: ApiScope,
  { database: { db }, cipher, onReady }: ApiParts,
  action: "replay" | "discard",
  description: string,
  act: (db: Db, letters: readonly DeadLetterKey[]) => Promise<number>,
): void {
  const shared = { tags: ["dead letters"], description, headers: idempotencyHeader, response: answers(count) };
  scope.post(
    `/dead-letters/:id/${action}`,
    {
      config: { permission: "dead-letters.act" },
      schema: {
        ...shared,
        operationId: `${action}DeadLetter`,
        summary: `One. The count is 0 when it was done before.`,
        params: idParameter,
        querystring: tenantQuery,
      },
    },
    async ({ params: { id }, query: { tenant }, headers, url }) =>
      await once({ db, cipher }, { key: headers["idempotency-key"], tenant, request: `POST ${url}` }, async () => {
        const done = await act(db, [{ tenant, id }]);
        onReady();
        return { count: done };
      }),
  );
  scope.post(
    `/dead-letters/${action}`,
    {
      config: { permission: "dead-letters.act" },
      schema: { ...shared, operationId: `${action}DeadLetters`, summary: "All that match; at least one filter.", querystring: bulkQuery },
    },
    async ({ query, headers, url }) =>
      await once({ db, cipher }, { key: headers["idempotency-key"], tenant: query.tenant ?? "", request: `POST ${url}` }, async () => {
        const done = await actOnDeadLetters(db, present(query), act);
        onReady();
        return { count: done };
      }),
  );
}

function present({
  tenant,
  code,
  flow,
}: {
  tenant?: string | undefined;
  code?: string | undefined;
  flow?: string | undefined;
}): DeadLetterFilter {
  return { ...(tenant !== undefined && { tenant }), ...(code !== undefined && { code }), ...(flow !== undefined && { flow }) };
}
