import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { dataOf } from "./read-result.ts";

export type ApiView = components["schemas"]["View"];
export type ApiViewRow = components["schemas"]["ViewRow"];
export type ApiViewPage = components["schemas"]["ViewPage"];
type RowsQuery = NonNullable<paths["/v1/views/{view}"]["get"]["parameters"]["query"]>;

/** Things as a whole, put together from the records of all connections. */
export interface ViewCalls {
  /** The views of the configuration, as they stand for a tenant. */
  list(tenant: string): Promise<readonly ApiView[]>;
  /** A page of rows, and how far behind the change feed they are. @throws `VIEW_UNKNOWN`. */
  rows(view: string, query: RowsQuery): Promise<ApiViewPage>;
  /** One row by its canonical id. @throws `VIEW_UNKNOWN`, `API_NOT_FOUND`. */
  row(view: string, id: string, query: { readonly tenant: string; readonly maxAge?: number }): Promise<ApiViewRow>;
}

/** Views over the API. */
export function viewCalls(api: Client<paths>): ViewCalls {
  return {
    list: async (tenant) => dataOf(await api.GET("/v1/views", { params: { query: { tenant } } })).items,
    rows: async (view, query) => dataOf(await api.GET("/v1/views/{view}", { params: { path: { view }, query } })),
    row: async (view, id, query) => dataOf(await api.GET("/v1/views/{view}/{id}", { params: { path: { view, id }, query: { ...query } } })),
  };
}
