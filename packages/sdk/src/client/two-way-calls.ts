import type { Register } from "../errors/failure-texts.ts";
import type { components, paths } from "./api.generated.ts";
import { pages } from "./pages.ts";
import { dataOf } from "./read-result.ts";
import type { Client } from "openapi-fetch";

type Schemas = components["schemas"];
export type ApiTwoWay = Schemas["TwoWay"];
export type ApiTwoWayLink = Schemas["TwoWayLink"];
export type ApiTwoWayThing = Schemas["TwoWayThing"];
export type ApiToldLink = Schemas["ToldLink"];
export type ApiTwoWayConflict = Schemas["TwoWayConflict"];

/** A thing of a two-way sync: what both sides have, or are to have. */
export interface TwoWayThingKey {
  readonly tenant: string;
  readonly twoWay: string;
  /** The canonical id. */
  readonly record: string;
}

/** What is to hold for a field: what a side has, or a value as the model has it. */
export type TwoWayDecision = { readonly side: "a" | "b" } | { readonly value: unknown };

/** Two-way syncs: how they stand, thing by thing, and what people do with them. */
export interface TwoWayCalls {
  /** Two-way syncs of tenants, page after page as they are asked for. */
  twoWays(query?: { readonly tenant?: string; readonly twoWay?: string }): AsyncIterable<ApiTwoWay>;
  /** Things of one by canonical id; `stands`: only those that stand so. */
  twoWayLinks(query: {
    readonly tenant: string;
    readonly twoWay: string;
    readonly stands?: ApiTwoWayLink["stands"];
  }): AsyncIterable<ApiTwoWayLink>;
  /** A thing with what each side has of it. */
  twoWayLink(key: TwoWayThingKey): Promise<ApiTwoWayThing>;
  /** Why a thing is not the same at both sides and what to do, for one reader. */
  explainTwoWayLink(key: TwoWayThingKey, reader: Register): Promise<ApiToldLink>;
  /** Fields that wait for somebody's decision; with `record`, those of one thing. */
  twoWayConflicts(query: { readonly tenant: string; readonly twoWay: string; readonly record?: string }): AsyncIterable<ApiTwoWayConflict>;
  /** Decides a conflict; both sides then get the value. @throws `TWO_WAY_DECIDED` where it is no more. */
  decideTwoWayConflict(conflict: TwoWayThingKey & { readonly field: string }, decision: TwoWayDecision): Promise<void>;
  /** Has writes that were given up tried again: all, or those of one thing; resolves with how many things. Calling it twice is safe. */
  retryTwoWay(order: { readonly tenant: string; readonly twoWay: string; readonly record?: string }): Promise<number>;
}

const limit = 100;

/** The client's part for two-way syncs. */
export function twoWayCalls(api: Client<paths>): TwoWayCalls {
  return {
    twoWays: (query = {}) =>
      pages(async (cursor) => dataOf(await api.GET("/v1/two-ways", { params: { query: { ...query, limit, ...cursor } } }))),
    twoWayLinks: ({ twoWay, ...query }) =>
      pages(async (cursor) => {
        const params = { path: { twoWay }, query: { ...query, limit, ...cursor } };
        return dataOf(await api.GET("/v1/two-ways/{twoWay}/links", { params }));
      }),
    twoWayLink: async ({ tenant, ...path }) =>
      dataOf(await api.GET("/v1/two-ways/{twoWay}/links/{record}", { params: { path, query: { tenant } } })),
    explainTwoWayLink: async ({ tenant, ...path }, reader) =>
      dataOf(await api.GET("/v1/two-ways/{twoWay}/links/{record}/explanation", { params: { path, query: { tenant, for: reader } } })),
    twoWayConflicts: ({ twoWay, ...query }) =>
      pages(async (cursor) => {
        const params = { path: { twoWay }, query: { ...query, limit, ...cursor } };
        return dataOf(await api.GET("/v1/two-ways/{twoWay}/conflicts", { params }));
      }),
    decideTwoWayConflict: async ({ tenant, twoWay, record, field }, decision) =>
      void dataOf(
        await api.POST("/v1/two-ways/{twoWay}/conflicts/decide", {
          params: { path: { twoWay } },
          body: { tenant, record, field, ...decision },
        }),
      ),
    retryTwoWay: async ({ twoWay, ...body }) =>
      dataOf(await api.POST("/v1/two-ways/{twoWay}/retry", { params: { path: { twoWay } }, body })).count,
  };
}
