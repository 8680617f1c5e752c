import type { Filter, ListOperation } from "../../connector/listing.ts";
import { valueAt } from "../../connector/value-at.ts";
import { httpError } from "../errors.ts";
import { currentOperation } from "../operation-context.ts";
import type { Operation } from "../operation-context.ts";
import { call } from "./call.ts";
import { checkRecord, decodeList } from "./decode-record.ts";
import { nextPage } from "./next-page.ts";
import type { NextPage } from "./next-page.ts";
import type { ResourceAccess } from "./resource-access.ts";

/** What a listing is narrowed to. */
export interface ListQuery {
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly order?: string;
  readonly pageSize?: number;
}

/**
 * All records, page by page: a page is asked for when the one before has been consumed. Ends only by the provider's own sign.
 *
 * @throws `CLIENT_INPUT_INVALID` for a filter, order or size that is not declared, before anything is sent; `CLIENT_PAGING_STUCK` when
 * the pages go in a circle; `CLIENT_NEXT_LINK_FORBIDDEN` when the next page is said to be at another origin.
 */
export function listRecords(access: ResourceAccess, list: ListOperation, query: ListQuery = {}): AsyncIterable<unknown> {
  const label = `${access.label}.list`;
  const asked = pageSize(list, label, query);
  const first = firstPath(access, list, label, query, asked);
  // Taken now: whoever consumes the pages may do so outside the step that asked for them.
  const operation = currentOperation();
  return { [Symbol.asyncIterator]: () => walk(access, list, { label, first, asked, operation }) };
}

interface Start {
  readonly label: string;
  readonly first: string;
  readonly asked: number | undefined;
  readonly operation: Operation | undefined;
}

async function* walk(
  access: ResourceAccess,
  list: ListOperation,
  { label, first, asked, operation }: Start,
): AsyncGenerator<unknown, void, undefined> {
  const seen = new Set([first]);
  let path = first;
  let previous = "";
  let [before, longest, offset] = [0, 0, 0];
  for (let index = 0; ; index += 1) {
    const answered = await call(access, { label, declared: list, method: "GET", path, operation });
    const { body: answer, headers } = answered;
    const records = decodeList(access.resource, label, answered);
    const ids = records.map((record) => idOf(access, record));
    // A provider that ignores where we are serves the same page for ever; positions of ours would go on counting.
    const content = ids.every((id) => id === "") ? "" : ids.join("\n");
    if (content !== "" && content === previous) throw circle(label);
    previous = content;
    for (const record of records) yield await checkRecord(access.resource, label, record);
    const next = nextPage(list.paging, { label, ids, answer, headers, index, before, offset, asked, longest });
    if (next.kind === "end") return;
    path = pathOf(access, list, label, first, path, next);
    if (seen.has(path)) throw circle(label);
    seen.add(path);
    before += ids.length;
    longest = Math.max(longest, ids.length);
    if (next.kind === "parameter") ({ offset } = next);
  }
}

function idOf(access: ResourceAccess, record: unknown): string {
  const id = valueAt(record, access.resource.id);
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}

function pathOf(
  access: ResourceAccess,
  list: ListOperation,
  label: string,
  first: string,
  current: string,
  next: Exclude<NextPage, { kind: "end" }>,
): string {
  if (next.kind === "url") return followLink(access, label, current, next.url);
  if (!("parameter" in list.paging)) throw new TypeError("Only parameters and links lead on.");
  const separator = first.includes("?") ? "&" : "?";
  return `${first}${separator}${encodeURIComponent(list.paging.parameter)}=${encodeURIComponent(next.value)}`;
}

/** The credential goes along with every page, so a link may not lead it to another host. */
function followLink(access: ResourceAccess, label: string, current: string, link: string): string {
  const url = URL.canParse(link, `${access.origin}${current}`) ? new URL(link, `${access.origin}${current}`) : undefined;
  if (url === undefined || url.origin !== access.origin) {
    throw httpError("CLIENT_NEXT_LINK_FORBIDDEN", `${label}: the provider's link to the next page leads to another origin.`);
  }
  return `${url.pathname}${url.search}`;
}

function pageSize(list: ListOperation, label: string, { pageSize: size }: ListQuery): number | undefined {
  if (list.size === undefined) {
    if (size === undefined) return undefined;
    throw refuse(label, "pageSize", "the provider decides it");
  }
  if (size === undefined) return list.size.max;
  if (Number.isInteger(size) && size >= 1 && size <= list.size.max) return size;
  throw refuse(label, "pageSize", `give a whole number from 1 to ${list.size.max}`);
}

function firstPath(access: ResourceAccess, list: ListOperation, label: string, query: ListQuery, asked: number | undefined): string {
  const parameters = new URLSearchParams(access.query);
  for (const [name, value] of Object.entries(list.query ?? {})) parameters.set(name, value);
  if (list.size !== undefined && asked !== undefined) parameters.set(list.size.parameter, String(asked));
  if (query.order !== undefined) {
    const order = list.orders?.[query.order];
    if (order === undefined) throw refuse(label, "order", `choose one of ${Object.keys(list.orders ?? {}).join(", ") || "none"}`);
    for (const [name, value] of Object.entries(order.query)) parameters.set(name, value);
  }
  for (const [name, value] of Object.entries(query.filters ?? {})) {
    if (value === undefined) continue;
    parameters.set(name, filterText(label, name, list.filters?.[name], value));
  }
  const text = parameters.toString();
  return text === "" ? access.path : `${access.path}?${text}`;
}

function filterText(label: string, name: string, filter: Filter | undefined, value: unknown): string {
  if (filter === undefined) throw refuse(label, name, "is no filter of this listing");
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const bad = values.length === 0 || values.some((one) => !["string", "number", "boolean"].includes(typeof one));
  if (bad) throw refuse(label, name, "give a text, a number or a truth value");
  return values.join(",");
}

function refuse(label: string, field: string, remedy: string): Error {
  return httpError("CLIENT_INPUT_INVALID", `${label}, ${field}: ${remedy}.`, { details: { paths: [field] } });
}

function circle(label: string): Error {
  return httpError("CLIENT_PAGING_STUCK", `${label}: the provider's pages go in a circle.`);
}
