import { valueAt } from "@belay/sdk";
import type { ListOperation, PlacedListing } from "@belay/sdk";
import type { Answer, FailureDetails } from "./answer.ts";
import { changedAt, viewChanges, writeChangeToken } from "./changes.ts";
import { cutPage, linkParameter, pageSize, wholeNumber } from "./cut-page.ts";
import type { Cut } from "./cut-page.ts";
import { statedTotal } from "./listing-habits.ts";
import type { Operation } from "./operation.ts";
import type { Provider } from "./provider.ts";
import type { ResourceModel } from "./resource-model.ts";
import { selectRecords } from "./select-records.ts";
import { setAt } from "./set-at.ts";
import type { ResourceStore, StoredRecord } from "./store.ts";

type ListRequest = Extract<Operation, { kind: "list" }>;

/** What a listing without a declaration can do: finding by a field. */
const bare: ListOperation = { paging: { kind: "link" } };

/** Answers a listing, or a find by query, which is a listing narrowed to one value. */
export function serveList(provider: Provider, model: ResourceModel, store: ResourceStore, request: ListRequest): Answer {
  const list: PlacedListing = request.listing ?? model.resource.list ?? bare;
  const { habits, random, seed } = provider.listing;
  if (isContinuation(list, request.query)) provider.listing.drift(model, store);
  const now = provider.now();
  const view = viewChanges(model, store, request.query, now, habits());
  if (view?.kind === "refused") {
    return view.expired
      ? provider.fail("cursor-expired", "The token has expired; read everything again.")
      : provider.fail("cursor-invalid", "This is no token of this listing.", badCursor(list, request.query));
  }
  const selection = selectRecords(view?.records ?? visible(provider, model, store, request), list, request.query);
  const cut = cutPage(selection, { list, query: request.query, habits: habits(), seed, now, recordById: store.getEver });
  if (cut.kind === "bad-cursor") {
    return cut.expired
      ? provider.fail("cursor-expired", "The cursor has expired; start again from the first page.")
      : provider.fail("cursor-invalid", "This is no cursor of this listing.", badCursor(list, request.query));
  }
  const total = statedTotal(cut.total, random, habits());
  const many = list.many ?? model.resource.wrap?.many;
  const bodies = cut.records.map((record) => record.body);
  if (model.resource.list === undefined) return { status: 200, body: many === undefined ? bodies : { [many]: bodies } };
  const links = linksOf(list, request, cut, pageSize({ list, query: request.query, habits: habits() }));
  const header = Object.entries(links).map(([relation, url]) => `<${url}>; rel="${relation}"`);
  const headers: Record<string, string> = header.length > 0 && isInHeader(list) ? { link: header.join(", ") } : {};
  if (many === undefined) return { status: 200, headers, body: bodies };
  const body: Record<string, unknown> = { ...model.page({ path: request.path }) };
  setAt(body, many, bodies);
  describePage(body, list, cut, total, links["next"]);
  const by = model.resource.changes?.by;
  if (by?.kind === "token" && !cut.more) setAt(body, by.next, writeChangeToken(cut.begunAt ?? now));
  return { status: 200, headers, body };
}

/** The records that a listing can show now: all, or those with the value that is looked for. */
function visible(provider: Provider, model: ResourceModel, store: ResourceStore, { query, listing }: ListRequest): readonly StoredRecord[] {
  const now = provider.now();
  const { lagMs = 0, changeLagMs = 0 } = provider.listing.habits();
  if (listing !== undefined && listing === model.resource.changes?.deleted) return store.gone();
  // An index of its own learns of changes as well as of new records late.
  if (listing !== undefined) return store.all().filter((record) => changedAt(record) <= now - Math.max(lagMs, changeLagMs));
  const field = model.resource.find?.style.kind === "query" ? model.resource.find.by.find((name) => query.has(name)) : undefined;
  if (field !== undefined) return store.findBy(field, query.get(field) ?? "", now - model.findLagMs);
  return lagMs === 0 ? store.all() : store.all().filter((record) => record.createdAt <= now - lagMs);
}

function isContinuation({ paging }: ListOperation, query: URLSearchParams): boolean {
  const parameter = parameterOf(paging);
  return parameter !== undefined && query.has(parameter);
}

function parameterOf(paging: ListOperation["paging"]): string | undefined {
  if (paging.kind === "none") return undefined;
  return paging.kind === "link" ? (paging.page ?? linkParameter) : paging.parameter;
}

/** Which parameter names a place that is none, and what it says. */
function badCursor({ paging }: ListOperation, query: URLSearchParams): FailureDetails {
  const back = paging.kind === "keyset" && paging.back !== undefined && query.has(paging.back) ? paging.back : undefined;
  const parameter = back ?? parameterOf(paging) ?? "";
  return { paths: [parameter], id: query.get(parameter) ?? "" };
}

function isInHeader({ paging }: ListOperation): boolean {
  return paging.kind === "link" && paging.path === undefined;
}

/** URLs by their relation. Only a provider that counts its pages knows more than the next. */
function linksOf(
  { paging }: ListOperation,
  { url, query }: ListRequest,
  cut: Extract<Cut, { kind: "page" }>,
  size: number,
): Readonly<Record<string, string>> {
  if (paging.kind !== "link") return {};
  const to = (value: string): string => {
    const other = new URLSearchParams(query);
    other.set(paging.page ?? linkParameter, value);
    return `${url}?${other.toString()}`;
  };
  if (paging.page === undefined) return cut.more ? { next: to(cut.cursor) } : {};
  const number = Math.max(1, wholeNumber(query.get(paging.page)) ?? 1);
  return {
    ...(number > 1 && { prev: to(String(number - 1)) }),
    ...(cut.more && { next: to(String(number + 1)), last: to(String(Math.ceil(cut.total / size))) }),
    ...(number > 1 && { first: to("1") }),
  };
}

/** Puts the sign of the end where the declaration says it is. */
function describePage(
  body: Record<string, unknown>,
  { paging }: ListOperation,
  cut: Extract<Cut, { kind: "page" }>,
  total: number,
  link: string | undefined,
): void {
  switch (paging.kind) {
    case "offset":
    case "page":
      if ("total" in paging.end) setAt(body, paging.end.total, total);
      if ("more" in paging.end) setAt(body, paging.end.more, cut.more);
      break;
    case "cursor":
      if (paging.more !== undefined) setAt(body, paging.more, cut.more);
      // A provider with a flag gives a cursor on its last page too; one without leaves the whole member out.
      if (cut.more) setAt(body, paging.next, cut.cursor);
      else if (paging.more !== undefined) setAt(body, paging.next, null);
      break;
    case "keyset":
      setAt(body, paging.more, cut.more);
      break;
    case "none":
      break;
    case "link":
      if (paging.path !== undefined && valueAt(body, paging.path) === undefined) setAt(body, paging.path, link ?? null);
      break;
  }
}
