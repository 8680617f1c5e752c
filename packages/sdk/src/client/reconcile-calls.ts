import type { components, paths } from "./api.generated.ts";
import { pages } from "./pages.ts";
import { dataOf } from "./read-result.ts";
import type { Client } from "openapi-fetch";
import { type AtConnection, only } from "./sync-calls.ts";

type Schemas = components["schemas"];
export type ApiReconciliation = Schemas["Reconciliation"];
export type ApiDiscrepancy = Schemas["DiscrepancyPage"]["items"][number];
export type ApiRepaired = Schemas["Repaired"];

/** Comparing what is kept with what providers list, and repairing what differs. */
export interface ReconcileCalls {
  /** Asks for a comparison; no record is changed. While one waits or walks, resolves with that one. `sample`: 0 to 1, default what the sync says, else 0.01. */
  reconcile(sync: string, order: AtConnection & { readonly sample?: number }): Promise<ApiReconciliation>;
  /** The newest 50 comparisons of a sync at a connection, and when both sides were last proven equal. */
  reconciliations(
    sync: string,
    at: AtConnection,
  ): Promise<{ readonly items: readonly ApiReconciliation[]; readonly provenEqualAt: string | null }>;
  /** What a comparison found, page after page as it is asked for. */
  discrepancies(
    sync: string,
    of: AtConnection & { readonly id: number; readonly class?: ApiDiscrepancy["class"] },
  ): AsyncIterable<ApiDiscrepancy>;
  /** Repairs at most so many of what a comparison found. Calling it again goes on with what is left; nothing is done twice. */
  applyReconciliation(
    sync: string,
    order: AtConnection & { readonly id: number; readonly most: number; readonly approveDeletes?: boolean },
  ): Promise<ApiRepaired>;
}

/** The client's part for reconciliation. */
export function reconcileCalls(api: Client<paths>): ReconcileCalls {
  return {
    reconcile: async (sync, { sample, ...at }) => {
      const body = { ...only(at), ...(sample !== undefined && { sample }) };
      return dataOf(await api.POST("/v1/syncs/{sync}/reconcile", { params: { path: { sync } }, body }));
    },
    reconciliations: async (sync, at) => {
      const params = { path: { sync }, query: { ...only(at), limit: 50 } };
      const { items, provenEqualAt } = dataOf(await api.GET("/v1/syncs/{sync}/reconciliations", { params }));
      return { items, provenEqualAt };
    },
    discrepancies: (sync, { id, class: named, ...at }) =>
      pages(async (cursor) => {
        const params = { path: { sync, id }, query: { ...only(at), ...(named && { class: named }), limit: 500, ...cursor } };
        return dataOf(await api.GET("/v1/syncs/{sync}/reconciliations/{id}/discrepancies", { params }));
      }),
    applyReconciliation: async (sync, { id, most, approveDeletes = false, ...at }) => {
      const params = { path: { sync, id } };
      return dataOf(await api.POST("/v1/syncs/{sync}/reconciliations/{id}/apply", { params, body: { ...only(at), most, approveDeletes } }));
    },
  };
}
