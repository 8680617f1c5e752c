import type { AnswerDraft, ListOperation } from "@belay/sdk";

/** How every list is cut into pages. @see https://pipedrive.readme.io/docs/core-api-concepts-pagination */
export const pages = {
  paging: { kind: "offset", parameter: "start", end: { more: "additional_data.pagination.more_items_in_collection" } },
  size: { parameter: "limit", default: 100, max: 500 },
} as const satisfies ListOperation;

/** A list without records comes as `data: null`. */
export function listed({ body }: AnswerDraft): unknown {
  const isEmpty = typeof body === "object" && body !== null && "data" in body && body.data === null;
  return isEmpty ? { ...body, data: [] } : body;
}
