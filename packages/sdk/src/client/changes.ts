import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { dataOf } from "./read-result.ts";

type Schemas = components["schemas"];
export type ApiChange = Schemas["Change"];
export type ApiChangeBatch = Schemas["ChangeBatch"];
export type ApiConsumer = Schemas["Consumer"];
export type ApiAcknowledged = Schemas["Acknowledged"];

/** Whose consumer is meant. */
export interface ConsumerOwner {
  /** A consumer of this tenant, which reads its changes only. Default: one of the installation, which reads those of all tenants. */
  readonly tenant?: string;
}

export interface ReadChangesOptions extends ConsumerOwner {
  /** Most changes. Default 100, at most 1,000. */
  readonly limit?: number;
  /** After so long without acknowledgement they come again. Default 60, at most 3,600. */
  readonly leaseSeconds?: number;
  /** Where nothing is new, waits so long for something. Default 0, at most 10: a call has a deadline. */
  readonly waitSeconds?: number;
}

export interface ConsumerWish extends ConsumerOwner {
  /** `start`: the newest version of every record, and then what comes. `end`: only what comes. */
  readonly from: "start" | "end";
  /** Only these. Default: all. */
  readonly models?: readonly string[];
  /** Only what came from these. Default: all. */
  readonly connections?: readonly string[];
}

/** What became of a wish for a consumer. */
export interface DefinedConsumer {
  /** It is a new one. */
  readonly created: boolean;
  /** Models of the wish that no sync of the configuration has: nothing comes of them until one does. */
  readonly unknownModels: readonly string[];
}

export interface RewindOptions extends ConsumerOwner {
  /** Only in the changes of this tenant; a position needs it. */
  readonly feed?: string;
  /** Whether the newest version of each record is enough where others are not kept any more. */
  readonly newestOnly?: boolean;
}

/**
 * The change feed: every version of every record in the order of commit. Belay remembers how far each consumer has come.
 *
 * ```ts
 * await belay.changes.define("warehouse", { from: "start" });
 * for (;;) {
 *   const { items, batch } = await belay.changes.read("warehouse", { waitSeconds: 10 });
 *   await store(items);
 *   if (batch !== null) await belay.changes.acknowledge("warehouse", batch);
 * }
 * ```
 */
export interface ChangeFeed {
  /** Consumers, and how far they are behind. */
  consumers(owner?: ConsumerOwner): Promise<readonly ApiConsumer[]>;
  /** Resolves with whether it is a new one, and what of its filter is not known; with the same filter it stays where it is. @throws `FEED_CONSUMER_DIFFERS`. */
  define(name: string, wish: ConsumerWish): Promise<DefinedConsumer>;
  /** What comes next and nobody holds, leased to whoever has the batch. @throws `FEED_CONSUMER_UNKNOWN`, `FEED_TOO_FAR_BEHIND`. */
  read(name: string, options?: ReadChangesOptions): Promise<ApiChangeBatch>;
  /**
   * Says that a batch is done, or of each tenant named so much of it. Safe to repeat.
   *
   * @throws `FEED_LEASE_LOST` when nothing of it is held any more: it comes again.
   */
  acknowledge(
    name: string,
    batch: string,
    options?: ConsumerOwner & { readonly through?: readonly { readonly tenant: string; readonly position: number }[] },
  ): Promise<ApiAcknowledged>;
  /** Lets it go on from another place; resolves with in how many feeds. @throws `FEED_TOO_FAR_BEHIND`. */
  rewind(
    name: string,
    to: "start" | "end" | { readonly position: number } | { readonly time: string },
    options?: RewindOptions,
  ): Promise<number>;
  remove(name: string, owner?: ConsumerOwner): Promise<void>;
}

/** The change feed over the API. */
export function changeFeed(api: Client<paths>): ChangeFeed {
  return {
    consumers: async (query = {}) => dataOf(await api.GET("/v1/changes/consumers", { params: { query: { ...query } } })).items,
    define: async (name, { models, connections, ...wish }) => {
      const { count, unknownModels } = dataOf(
        await api.PUT("/v1/changes/consumers/{name}", {
          params: { path: { name } },
          body: { ...wish, ...(models && { models: [...models] }), ...(connections && { connections: [...connections] }) },
        }),
      );
      return { created: count > 0, unknownModels };
    },
    read: async (consumer, { leaseSeconds, waitSeconds = 0, ...query } = {}) =>
      dataOf(
        await api.GET("/v1/changes", {
          params: {
            query: {
              consumer,
              ...query,
              ...(leaseSeconds !== undefined && { lease: leaseSeconds }),
              ...(waitSeconds >= 1 && { wait: `${Math.min(10, Math.floor(waitSeconds))}s` }),
            },
          },
        }),
      ),
    acknowledge: async (consumer, batch, { through, ...owner } = {}) =>
      dataOf(
        await api.POST("/v1/changes/acknowledge", {
          body: { consumer, batch, ...owner, ...(through && { through: through.map((place) => ({ ...place })) }) },
        }),
      ),
    rewind: async (name, to, options = {}) =>
      dataOf(await api.POST("/v1/changes/consumers/{name}/rewind", { params: { path: { name } }, body: { to, ...options } })).count,
    remove: async (name, query = {}) =>
      void dataOf(await api.DELETE("/v1/changes/consumers/{name}", { params: { path: { name }, query: { ...query } } })),
  };
}
