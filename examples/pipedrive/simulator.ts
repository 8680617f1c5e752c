import { valueAt } from "@belay/sdk";
import type { Simulation } from "@belay/sdk";

/** What Pipedrive does beyond its contract: relations become objects, the deleted is inactive, and the search is the way back of `deal.ts`. */
export const simulator = {
  resources: {
    deal: {
      computed: (now, _record, { person_id: id }) => ({
        person_id: typeof id === "number" ? { value: id, name: `Person ${id}` } : null,
        update_time: now.toISOString().slice(0, 19).replace("T", " "),
      }),
    },
    person: { deleted: () => ({ active_flag: false }) },
  },
  request: (request) => {
    const { pathname, searchParams } = new URL(request.path, "https://pipedrive.example");
    if (pathname !== "/v1/deals/search") return request;
    return { ...request, path: `/v1/deals?${new URLSearchParams({ title: searchParams.get("term") ?? "" }).toString()}` };
  },
  response: (answer, request) => {
    const found = valueAt(answer.body, "data");
    if (!request.path.startsWith("/v1/deals/search?") || !Array.isArray(found)) return answer;
    return { ...answer, body: { success: true, data: { items: found.map((deal: unknown) => ({ result_score: 1, item: itemOf(deal) })) } } };
  },
} as const satisfies Simulation;

function itemOf(deal: unknown): unknown {
  if (typeof deal !== "object" || deal === null) return deal;
  const { person_id: person, update_time: _left, ...rest } = deal as Readonly<Record<string, unknown>>;
  return { ...rest, person: person === null ? null : { id: valueAt(person, "value"), name: valueAt(person, "name") } };
}
