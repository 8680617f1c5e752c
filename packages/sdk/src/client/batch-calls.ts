import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { dataOf } from "./read-result.ts";

export type ApiBatchRun = components["schemas"]["BatchRun"];

/** Runs of batches. */
export interface BatchCalls {
  /** The newest first, with how far they are. */
  runs(query?: { readonly tenant?: string; readonly batch?: string; readonly limit?: number }): Promise<readonly ApiBatchRun[]>;
  /** Starts a run; resolves with its id. `input`: JSON for the source. @throws `BATCH_UNKNOWN`, `BATCH_NOT_CONNECTED`, `BATCH_READING`. */
  start(batch: string, run: { readonly tenant: string; readonly input?: unknown }): Promise<string>;
  /** Ends its reading; what was read is still worked through. @throws `BATCH_RUN_UNKNOWN`. */
  cancel(run: { readonly tenant: string; readonly id: string }): Promise<void>;
}

/** Batches over the API. */
export function batchCalls(api: Client<paths>, keyed: () => { readonly header: { readonly "idempotency-key": string } }): BatchCalls {
  return {
    runs: async (query = {}) => dataOf(await api.GET("/v1/batches", { params: { query: { ...query } } })).items,
    start: async (batch, body) =>
      dataOf(await api.POST("/v1/batches/{batch}/runs", { params: { path: { batch }, ...keyed() }, body: { ...body } })).id,
    cancel: async ({ tenant, id }) =>
      void dataOf(await api.POST("/v1/batches/runs/{id}/cancel", { params: { path: { id } }, body: { tenant } })),
  };
}
