import { BelayError } from "@belay/sdk";
import {
  acknowledgeChanges,
  awaitChanges,
  type ConsumerKey,
  defineConsumer,
  listConsumers,
  removeConsumer,
  rewindConsumer,
} from "../feed/index.ts";
import {
  acknowledged,
  acknowledgement,
  changeBatch,
  changesQuery,
  consumerParameter,
  consumers,
  consumerWish,
  definedConsumer,
  ownerQuery,
  rewindOrder,
} from "./change-schemas.ts";
import { count } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["changes"];
const mostBytes = 4_000_000;
/** In this process at once; others are answered without waiting. */
const mostWaiting = 200;

/** The change feed, for those who must not miss a version of a record. */
export function registerChangeRoutes(scope: ApiScope, { database: { db }, cipher, clock, catalog }: ApiParts): void {
  const closing = new AbortController();
  scope.addHook("preClose", async () => closing.abort());
  let waiting = 0;
  scope.get(
    "/changes",
    {
      config: { permission: "changes.read" },
      schema: {
        operationId: "readChanges",
        tags,
        summary: "What comes next for a consumer, in the order of commit, and leases it.",
        description:
          "Until it is acknowledged or the lease is over nobody else gets changes of the same tenants. The cursor lies here: ask again after the acknowledgement. Tenants take turns.",
        querystring: changesQuery,
        response: answers(changeBatch),
      },
    },
    async ({ query: { consumer, tenant, limit, lease, wait } }, reply) => {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const waitMs = wait === undefined || waiting >= mostWaiting ? 0 : Number(wait.slice(0, -1)) * 1_000;
      const signal = AbortSignal.any([closing.signal, gone.signal]);
      waiting += 1;
      try {
        const options = { limit, mostBytes, leaseMs: lease * 1_000, waitMs, clock, signal };
        const { items, ...batch } = await awaitChanges({ db, cipher }, keyOf(consumer, tenant), options);
        return { ...batch, newestOnly: [...batch.newestOnly], items: [...items] };
      } finally {
        waiting -= 1;
      }
    },
  );
  scope.post(
    "/changes/acknowledge",
    {
      config: { permission: "changes.read" },
      schema: {
        operationId: "acknowledgeChanges",
        tags,
        summary: "Says that a batch, or part of it, is done. Safe to repeat.",
        body: acknowledgement,
        response: answers(acknowledged),
      },
    },
    async ({ body: { consumer, tenant, batch, through } }) => {
      const { positions, lost } = await acknowledgeChanges(db, keyOf(consumer, tenant), batch, through);
      return { positions: [...positions], lost };
    },
  );
  registerConsumers(scope, db, catalog);
}

function registerConsumers(scope: ApiScope, db: ApiParts["database"]["db"], catalog: ApiParts["catalog"]): void {
  scope.get(
    "/changes/consumers",
    {
      config: { permission: "changes.read" },
      schema: {
        operationId: "listConsumers",
        tags,
        summary: "Consumers, and how far they are behind.",
        querystring: ownerQuery,
        response: answers(consumers),
      },
    },
    async ({ query: { tenant } }) => ({ items: await listConsumers(db, tenant ?? "") }),
  );
  scope.put(
    "/changes/consumers/:name",
    {
      config: { permission: "changes.manage" },
      schema: {
        operationId: "defineConsumer",
        tags,
        summary: "Defines a consumer. The count is 0 when there was one with the same filter: it stays where it is.",
        params: consumerParameter,
        body: consumerWish,
        response: answers(definedConsumer),
      },
    },
    async ({ params: { name }, body: { tenant, from, models, connections } }) => {
      const filter = { ...(models && { models }), ...(connections && { connections }) };
      const isNew = await defineConsumer(db, keyOf(name, tenant), filter, from);
      return { count: isNew ? 1 : 0, unknownModels: unknownModels(catalog, models) };
    },
  );
  scope.post(
    "/changes/consumers/:name/rewind",
    {
      config: { permission: "changes.manage" },
      schema: {
        operationId: "rewindConsumer",
        tags,
        summary: "Lets a consumer go on from another place. Says in the feeds of how many tenants.",
        description: "What its readers hold they cannot acknowledge any more.",
        params: consumerParameter,
        body: rewindOrder,
        response: answers(count),
      },
    },
    async ({ params: { name }, body: { tenant, to, feed, newestOnly } }) => {
      if (typeof to === "object" && "position" in to && feed === undefined && tenant === undefined)
        throw new BelayError("API_REQUEST_INVALID", "feed: each tenant counts positions of its own; name the one that is meant.");
      return { count: await rewindConsumer(db, keyOf(name, tenant), to, { tenant: feed, newestOnly }) };
    },
  );
  scope.delete(
    "/changes/consumers/:name",
    {
      config: { permission: "changes.manage" },
      schema: {
        operationId: "removeConsumer",
        tags,
        summary: "Removes a consumer, and how far it has come.",
        params: consumerParameter,
        querystring: ownerQuery,
        response: answers(count),
      },
    },
    async ({ params: { name }, query: { tenant } }) => {
      await removeConsumer(db, keyOf(name, tenant));
      return { count: 1 };
    },
  );
}

/** A consumer may come before its sync, so these are no mistake; misspelt, though, they would give it nothing, and nobody would wonder. */
function unknownModels({ syncs }: ApiParts["catalog"], models: readonly string[] = []): string[] {
  const known = new Set([...syncs.values()].map(({ target }) => target.model));
  return models.filter((model) => !known.has(model));
}

function keyOf(name: string, tenant: string | undefined): ConsumerKey {
  return { owner: tenant ?? "", name };
}
