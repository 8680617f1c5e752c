import type { components, paths } from "./api.generated.ts";
import { pages } from "./pages.ts";
import { dataOf } from "./read-result.ts";
import type { Client } from "openapi-fetch";

type Schemas = components["schemas"];
export type ApiSync = Schemas["Sync"];
export type ApiWalk = Schemas["Walk"];
export type ApiUndoneDeletes = Schemas["UndoneDeletes"];
export type ApiRecord = Schemas["Record"];
export type ApiRecordStory = Schemas["RecordStory"];
export type ApiPendingDelete = Schemas["PendingDeletePage"]["items"][number];
export type ApiRecordTrouble = Schemas["RecordTroublePage"]["items"][number];

/** A connection of a tenant. */
export interface AtConnection {
  readonly tenant: string;
  readonly connection: string;
}

/** Which syncs. */
export interface SyncQuery {
  readonly tenant?: string;
  readonly sync?: string;
  readonly connection?: string;
}

/** Which records. */
export interface RecordQuery {
  readonly tenant: string;
  readonly connection?: string;
  readonly resource?: string;
  readonly model?: string;
  readonly externalId?: string;
  /** Those that are deleted as well. Default false. */
  readonly deleted?: boolean;
}

/** Syncs, and the records that they keep. */
export interface SyncCalls {
  /** Syncs at connections: how they stand, how far their walks have come, what waits. */
  syncs(query?: SyncQuery): Promise<readonly ApiSync[]>;
  /** Walks of a sync at a connection, newest first. */
  walks(sync: string, at: AtConnection): Promise<readonly ApiWalk[]>;
  /** Records that could not be taken, each with its reason; at most 500. */
  recordTroubles(sync: string, at: AtConnection): Promise<readonly ApiRecordTrouble[]>;
  /** Lets the next walk begin now; with `full` it reads everything and maps it anew. Calling it twice is safe. */
  runSync(sync: string, order: AtConnection & { readonly full?: boolean }): Promise<void>;
  /** An open walk stops after the page that it is at. Pausing it twice is safe: the first reason stays. */
  pauseSync(sync: string, order: AtConnection & { readonly why: string }): Promise<void>;
  /** Lets it go on from where it stands. Calling it twice is safe. */
  resumeSync(sync: string, at: AtConnection): Promise<void>;
  /** Records that wait to be deleted, each with its reason: what an approval deletes. */
  pendingDeletes(sync: string, at: AtConnection): AsyncIterable<ApiPendingDelete>;
  /** Deletes the records that are missing at the provider and wait for it, or keeps them; resolves with how many. */
  decideDeletes(sync: string, at: AtConnection, decision: "approve" | "refuse"): Promise<number>;
  /** Brings back what a walk has deleted, and pauses the sync; what came back by itself is left alone. Calling it twice is safe. */
  undoDeletes(sync: string, order: AtConnection & { readonly walk: number }): Promise<ApiUndoneDeletes>;
  /** A tenant's settings for a sync; null where it has none. */
  syncSettings(sync: string, tenant: string): Promise<unknown>;
  /** Sets them; the tenant's records are then all mapped anew. */
  setSyncSettings(sync: string, tenant: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Records of a tenant, page after page as they are asked for. */
  records(query: RecordQuery): AsyncIterable<ApiRecord>;
  /** A record by its canonical id, with its versions. */
  record(tenant: string, id: string): Promise<ApiRecordStory>;
}

const limit = 500;

/** Whoever has a whole sync in hand gives that: nothing else of it goes along, for members that the API does not know are refused. */
export const only = ({ tenant, connection }: AtConnection): AtConnection => ({ tenant, connection });

/** The client's part for syncs. */
export function syncCalls(api: Client<paths>): SyncCalls {
  const of = (sync: string): { path: { sync: string } } => ({ path: { sync } });
  return {
    syncs: async (query = {}) => {
      const found: ApiSync[] = [];
      const read = async (cursor: { cursor?: string }): Promise<Schemas["SyncPage"]> =>
        dataOf(await api.GET("/v1/syncs", { params: { query: { ...query, limit, ...cursor } } }));
      for await (const sync of pages(read)) found.push(sync);
      return found;
    },
    walks: async (sync, at) =>
      dataOf(await api.GET("/v1/syncs/{sync}/walks", { params: { ...of(sync), query: { ...only(at), limit: 50 } } })).items,
    recordTroubles: async (sync, at) =>
      dataOf(await api.GET("/v1/syncs/{sync}/troubles", { params: { ...of(sync), query: { ...only(at), limit } } })).items,
    runSync: async (sync, { full = false, ...at }) =>
      void dataOf(await api.POST("/v1/syncs/{sync}/run", { params: of(sync), body: { ...only(at), full } })),
    pauseSync: async (sync, { why, ...at }) =>
      void dataOf(await api.POST("/v1/syncs/{sync}/pause", { params: of(sync), body: { ...only(at), why } })),
    resumeSync: async (sync, at) => void dataOf(await api.POST("/v1/syncs/{sync}/resume", { params: of(sync), body: only(at) })),
    pendingDeletes: (sync, at) =>
      pages(async (cursor) => {
        const params = { ...of(sync), query: { ...only(at), limit, ...cursor } };
        return dataOf(await api.GET("/v1/syncs/{sync}/deletes", { params }));
      }),
    decideDeletes: async (sync, at, decision) => {
      const request = { params: of(sync), body: only(at) };
      const path = decision === "approve" ? "/v1/syncs/{sync}/deletes/approve" : "/v1/syncs/{sync}/deletes/refuse";
      return dataOf(await api.POST(path, request)).count;
    },
    undoDeletes: async (sync, { walk, ...at }) =>
      dataOf(await api.POST("/v1/syncs/{sync}/deletes/undo", { params: of(sync), body: { ...only(at), walk } })),
    syncSettings: async (sync, tenant) =>
      dataOf(await api.GET("/v1/syncs/{sync}/settings", { params: { ...of(sync), query: { tenant } } })).settings,
    setSyncSettings: async (sync, tenant, settings) =>
      void dataOf(await api.PUT("/v1/syncs/{sync}/settings", { params: of(sync), body: { tenant, settings: { ...settings } } })),
    records: ({ deleted = false, ...query }) =>
      pages(async (cursor) =>
        dataOf(await api.GET("/v1/records", { params: { query: { ...query, deleted: deleted ? "true" : "false", limit, ...cursor } } })),
      ),
    record: async (tenant, id) => dataOf(await api.GET("/v1/records/{id}", { params: { path: { id }, query: { tenant } } })),
  };
}
