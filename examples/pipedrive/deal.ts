import { valueAt } from "@belay/sdk";
import type { AnswerDraft, Infer, RequestDraft, Resource } from "@belay/sdk";
import { z } from "zod";
import { listed, pages } from "./listing.ts";

/** A deal as Pipedrive answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  title: z.string(),
  value: z.number(),
  currency: z.string().length(3),
  status: z.enum(["open", "won", "lost", "deleted"]),
  person_id: z.object({ value: z.number().int(), name: z.string() }).nullable(),
  // The search leaves it out.
  update_time: z.string().nullish(),
});

const create = z.strictObject({
  title: z.string().min(1),
  value: z.number().optional(),
  currency: z.string().length(3).optional(),
  person_id: z.number().int().optional(),
  status: z.enum(["open", "won", "lost"]).optional(),
});

export type Deal = Infer<typeof record>;

/** What the search shows of a deal. */
const hit = z.looseObject({ person: z.object({ id: z.number(), name: z.string() }).nullish() });

/** `/deals?title=…` is `/deals/search?term=…`, for the whole title. */
function asSearch(draft: RequestDraft): RequestDraft {
  const [path = "", query] = draft.path.split("?");
  const term = new URLSearchParams(query).get("title") ?? "";
  return { ...draft, path: `${path}/search?${new URLSearchParams({ term, fields: "title", exact_match: "true" }).toString()}` };
}

function fromSearch({ body }: AnswerDraft): unknown {
  const items = z.array(z.object({ item: hit })).parse(valueAt(body, "data.items"));
  return {
    data: items.map(({ item: { person, ...deal } }) => ({ ...deal, person_id: person ? { value: person.id, name: person.name } : null })),
  };
}

/**
 * A deal. Deleted ones are shown for 30 days with `deleted: true`. A deal is found again by its title, so flows have to give each its own.
 *
 * @see https://developers.pipedrive.com/docs/api/v1/Deals
 * @see https://developers.pipedrive.com/docs/api/v1/Deals#searchDeals
 */
export const deal = {
  path: "/{version}/deals",
  id: "id",
  schema: record,
  wrap: { one: "data", many: "data", sent: false },
  get: {},
  find: { by: ["title"], style: { kind: "query" }, request: asSearch, response: fromSearch },
  // How soon the search has what was written is not documented; this is a cautious guess.
  create: { input: create, safety: { kind: "readBack", readBack: { by: "title", lag: "3s" } } },
  update: { input: create.partial(), method: "PUT", safety: { kind: "natural" } },
  delete: {},
  tombstone: "deleted",
  references: { person_id: "person" },
  list: {
    ...pages,
    response: listed,
    filters: { status: { default: "all_not_deleted", all: "all_not_deleted" } },
    orders: { newest: { by: "id", direction: "descending", query: { sort: "id DESC" } } },
  },
} as const satisfies Resource;
