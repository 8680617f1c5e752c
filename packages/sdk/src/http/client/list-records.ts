import type { Filter, ListOperation } from "../../connector/listing.ts";
import { valueAt } from "../../connector/value-at.ts";
import { beginWalk, planWalk, requestOf, takePage } from "../../sync/walk/index.ts";
import type { WalkPlan } from "../../sync/walk/index.ts";
import { httpError } from "../errors.ts";
import { currentOperation } from "../operation-context.ts";
import type { Operation } from "../operation-context.ts";
import { call } from "./call.ts";
import { checkRecord, decodeList, drift } from "./decode-record.ts";
import { findLink } from "./link-header.ts";
import { pageCall } from "./page-call.ts";
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
  const plan = planOf(access, list, label, query);
  // Taken now: whoever consumes the pages may do so outside the step that asked for them.
  const operation = currentOperation();
  return { [Symbol.asyncIterator]: () => walk(access, list, plan, label, operation) };
}

async function* walk(
  access: ResourceAccess,
  list: ListOperation,
  plan: WalkPlan,
  label: string,
  operation: Operation | undefined,
): AsyncGenerator<unknown, void, undefined> {
  for (let state = beginWalk(plan); ;) {
    const page = pageCall(access, label, access.path, list, requestOf(plan, state));
    const answered = await call(access, { label, declared: list, ...page, operation });
    const records = decodeList(access.resource, label, answered);
    const ids = records.map((record) => idOf(access, record));
    const taken = takePage(plan, state, { ids, body: answered.body, link: findLink(answered.headers["link"], "next") });
    if (taken.kind === "invalid") {
      // What the page has is given out all the same: only where it goes on is not known.
      for (const record of records) yield await checkRecord(access.resource, label, record);
      throw drift(label, [taken.path], taken.what);
    }
    if (taken.kind === "stuck") throw httpError("CLIENT_PAGING_STUCK", `${label}: the provider ${taken.what}.`);
    for (const index of taken.fresh) yield await checkRecord(access.resource, label, records[index]);
    if (taken.kind === "end") return;
    ({ state } = taken);
  }
}

function idOf(access: ResourceAccess, record: unknown): string {
  const id = valueAt(record, access.resource.id);
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
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

function planOf(access: ResourceAccess, list: ListOperation, label: string, query: ListQuery): WalkPlan {
  const size = pageSize(list, label, query);
  if (query.order !== undefined && list.orders?.[query.order] === undefined)
    throw refuse(label, "order", `choose one of ${Object.keys(list.orders ?? {}).join(", ") || "none"}`);
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(query.filters ?? {})) {
    if (value !== undefined) parameters[name] = filterText(label, name, list.filters?.[name], value);
  }
  return planWalk(list, {
    id: access.resource.id,
    parameters,
    careful: false,
    ...(query.order !== undefined && { order: query.order }),
    ...(size !== undefined && { pageSize: size }),
  });
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
