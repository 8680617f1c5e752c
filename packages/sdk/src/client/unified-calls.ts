import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.generated.ts";
import { pages } from "./pages.ts";
import { dataOf } from "./read-result.ts";

type Schemas = components["schemas"];
/** The models that there are, and what their records look like. */
export interface UnifiedRecords {
  readonly "crm/contact": Schemas["UnifiedContactView"];
  readonly "crm/account": Schemas["UnifiedAccountView"];
  readonly "commerce/order": Schemas["UnifiedOrderView"];
  readonly "support/ticket": Schemas["UnifiedTicketView"];
  readonly "hris/employee": Schemas["UnifiedEmployeeView"];
}
type Name = keyof UnifiedRecords;

/** Which records of a model. */
export interface UnifiedQuery {
  readonly tenant: string;
  /** Default: all of the tenant's. Needed with `live`. */
  readonly connection?: string;
  readonly externalId?: string;
  /** In any way of writing it; not with `live`. */
  readonly email?: string;
  /** In E.164; not with `live`. */
  readonly phone?: string;
  /** Changed here at this time or later; not with `live`. */
  readonly updatedSince?: Date;
  /** Seconds; what is older is marked `stale`. Default 3,600. */
  readonly maxAge?: number;
  /** Asks the provider now, for the first `pageSize` of its own listing. Default false. */
  readonly live?: boolean;
  /** Live, for providers that keep records in places: `{ owner: "acme", repo: "site" }`. */
  readonly place?: Readonly<Record<string, string>>;
  /** Records of a page, at most 500. Default 100. */
  readonly pageSize?: number;
}

/** Where a record is written, and under which key. */
export interface UnifiedTarget {
  readonly tenant: string;
  readonly connection: string;
  readonly place?: Readonly<Record<string, string>>;
  /** Under the same key the write is made once, however often it is asked for. */
  readonly idempotencyKey: string;
}

/** Records of all providers, in one shape per model. */
export interface UnifiedCalls {
  /** Records of a model, page after page as they are asked for. */
  unified<Model extends Name>(model: Model, query: UnifiedQuery): AsyncIterable<UnifiedRecords[Model]>;
  /** Creates a record at a provider; it comes back as the provider has it. */
  createUnified<Model extends Name>(
    model: Model,
    target: UnifiedTarget,
    data: Partial<UnifiedRecords[Model]["data"]>,
  ): Promise<UnifiedRecords[Model]>;
  /** Changes fields of a record at a provider, by the provider's id. */
  updateUnified<Model extends Name>(
    model: Model,
    target: UnifiedTarget & { readonly id: string },
    data: Partial<UnifiedRecords[Model]["data"]>,
  ): Promise<UnifiedRecords[Model]>;
}

const placeOf = (place: UnifiedQuery["place"]): { place?: string } =>
  place === undefined ? {} : { place: new URLSearchParams(place).toString() };

/** The client's part for unified records. The paths of the models differ in their names alone: the compiler is told of one of them. */
export function unifiedCalls(api: Client<paths>): UnifiedCalls {
  const pathOf = (model: Name): "/v1/unified/crm/contact" => `/v1/unified/${model}` as "/v1/unified/crm/contact";
  const oneOf = (model: Name): "/v1/unified/crm/contact/{id}" => `/v1/unified/${model}/{id}` as "/v1/unified/crm/contact/{id}";
  const written = ({ tenant, connection, place, idempotencyKey }: UnifiedTarget) => ({
    query: { tenant, connection, ...placeOf(place) },
    header: { "idempotency-key": idempotencyKey },
  });
  return {
    unified: (model, { live = false, place, updatedSince, pageSize = 100, ...query }) =>
      pages(async (cursor) => {
        const wish = { ...query, ...placeOf(place), ...(updatedSince && { updatedSince: updatedSince.toISOString() }) };
        const all = { ...wish, live: live ? ("true" as const) : ("false" as const), limit: pageSize, ...cursor };
        return dataOf(await api.GET(pathOf(model), { params: { query: all } })) as never;
      }),
    createUnified: async (model, target, data) =>
      dataOf(await api.POST(pathOf(model), { params: written(target), body: data as never })) as never,
    updateUnified: async (model, { id, ...target }, data) =>
      dataOf(await api.PATCH(oneOf(model), { params: { ...written(target), path: { id } }, body: data as never })) as never,
  };
}
