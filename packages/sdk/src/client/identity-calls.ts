import type { components, paths } from "./api.generated.ts";
import { pages } from "./pages.ts";
import { dataOf } from "./read-result.ts";
import type { Client } from "openapi-fetch";

type Schemas = components["schemas"];
export type ApiMatchReview = Schemas["MatchReview"];
export type ApiMerge = Schemas["Merge"];

/** Which records of different connections are one thing: what people are asked, and what they do. */
export interface IdentityCalls {
  /** Records of which the rules cannot say what they are, oldest first, page after page as they are asked for. `state`: default `open`. */
  matchReviews(query: { readonly tenant: string; readonly state?: ApiMatchReview["state"] }): AsyncIterable<ApiMatchReview>;
  matchReview(tenant: string, id: number): Promise<ApiMatchReview>;
  /** Says which candidate a record is, by its canonical id, or by null that it is none of them. @throws `IDENTITY_REVIEW_DECIDED` the second time. */
  decideMatchReview(decision: { readonly tenant: string; readonly id: number; readonly is: string | null }): Promise<void>;
  /** Things that were made one, newest first, page after page; with `record`, a canonical id, those that it took part in. */
  merges(query: { readonly tenant: string; readonly record?: string }): AsyncIterable<ApiMerge>;
  /** Makes two things one; resolves with the merge's number, by which it can be taken back. */
  mergeRecords(order: {
    readonly tenant: string;
    /** The canonical id that stays. */
    readonly survivor: string;
    /** The one that is given up. */
    readonly merged: string;
    readonly why: string;
  }): Promise<number>;
  /** Takes a merge back: its records get the canonical id again that they had. @throws `IDENTITY_MERGE_REFUSED` the second time. */
  undoMerge(merge: { readonly tenant: string; readonly id: number }): Promise<void>;
}

const limit = 100;

/** The client's part for identity. */
export function identityCalls(api: Client<paths>): IdentityCalls {
  return {
    matchReviews: (query) =>
      pages(async (cursor) => dataOf(await api.GET("/v1/identity/reviews", { params: { query: { ...query, limit, ...cursor } } }))),
    matchReview: async (tenant, id) => dataOf(await api.GET("/v1/identity/reviews/{id}", { params: { path: { id }, query: { tenant } } })),
    decideMatchReview: async ({ id, tenant, is }) =>
      void dataOf(await api.POST("/v1/identity/reviews/{id}/decide", { params: { path: { id } }, body: { tenant, is } })),
    merges: (query) =>
      pages(async (cursor) => dataOf(await api.GET("/v1/identity/merges", { params: { query: { ...query, limit, ...cursor } } }))),
    mergeRecords: async (order) => dataOf(await api.POST("/v1/identity/merges", { body: { ...order } })).id,
    undoMerge: async ({ id, tenant }) =>
      void dataOf(await api.POST("/v1/identity/merges/{id}/undo", { params: { path: { id } }, body: { tenant } })),
  };
}
