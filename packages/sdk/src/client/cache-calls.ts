import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { dataOf } from "./read-result.ts";

export type ApiCachedResource = components["schemas"]["CachedResource"];

/** What is kept for reads with a `maxAge`. */
export interface CacheCalls {
  /** By connection and resource, with the hit rate of the last 24 hours. */
  resources(query?: {
    readonly tenant?: string;
    readonly connection?: string;
    readonly limit?: number;
  }): Promise<readonly ApiCachedResource[]>;
}

/** The cache over the API. */
export function cacheCalls(api: Client<paths>): CacheCalls {
  return { resources: async (query = {}) => dataOf(await api.GET("/v1/cache", { params: { query: { ...query } } })).items };
}
