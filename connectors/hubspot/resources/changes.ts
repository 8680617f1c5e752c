import type { Changes } from "@belay/sdk";

/**
 * What has changed, by a search in the order of the last change, and what was archived, by the listing of archived records.
 *
 * A search begins at a position, which shifts when a record changes meanwhile, and holds 10,000 records: a walk lets its pages overlap, and goes on from the
 * time of the last record where the 10,000 end. The index behind it learns of a change a few moments late; what is five minutes old is read again. An account
 * is allowed five searches a second.
 *
 * The listing of archived records cannot be had from a time on: all of the last 90 days are read each time, 100 a call.
 *
 * @param path - that of the resource.
 * @param modified - the property with the time of the last change. That of contacts has a name of its own.
 * @param properties - what to ask for; unasked, a search answers with a few.
 * @see https://developers.hubspot.com/docs/api-reference/search/guide limits, sorting, paging
 * @see https://community.hubspot.com/t5/APIs-Integrations/CRM-V3-API-Search-issue-with-Contacts-when-using-Filters/m-p/324617 contacts: lastmodifieddate
 * @see https://knowledge.hubspot.com/records/restore-deleted-records 90 days; a restored record counts as changed
 */
export function changesOf(path: string, modified: string, properties: readonly string[]): Changes {
  const field = `properties.${modified}`;
  return {
    by: { kind: "field", field, filter: since, granularity: "1s", lookback: "5m" },
    list: {
      path: `${path}/search`,
      body: {
        filterGroups: [{ filters: [{ propertyName: modified, operator: "GTE", value: "0" }] }],
        sorts: [{ propertyName: modified, direction: "ASCENDING" }],
        properties,
        limit: 200,
      },
      paging: { kind: "offset", parameter: "after", end: { total: "total" } },
      size: { parameter: "limit", default: 10, max: 200 },
      filters: { [since]: { field, test: "atLeast" } },
      order: { by: field },
      most: 10_000,
    },
    deleted: {
      paging: { kind: "cursor", parameter: "after", next: "paging.next.after" },
      size: { parameter: "limit", default: 10, max: 100 },
      order: { by: "id" },
      query: { archived: "true" },
      keptFor: "90d",
    },
  };
}

/** Where the body of a search holds the time. */
const since = "filterGroups.0.filters.0.value";
