import { valueAt } from "@belay/sdk";
import type { Filter, ListOperation, Order } from "@belay/sdk";
import { findable } from "./store.ts";
import type { StoredRecord } from "./store.ts";

/** A record's place in a listing: what it is ordered by, and its serial where that is equal. */
export interface SortKey {
  readonly value: string | number;
  readonly serial: number;
}

export interface Selection {
  readonly records: readonly StoredRecord[];
  readonly keyOf: (record: StoredRecord) => SortKey;
  /** Negative where `a` comes first. */
  readonly compare: (a: SortKey, b: SortKey) => number;
}

/** The records that pass the filters of the query, in the order that it asks for. */
export function selectRecords(records: readonly StoredRecord[], list: ListOperation, query: URLSearchParams): Selection {
  const order = chosenOrder(list, query);
  const sign = order?.direction === "descending" ? -1 : 1;
  const keyOf = ({ body, serial }: StoredRecord): SortKey => ({
    value: order === undefined ? serial : sortable(valueAt(body, order.by)),
    serial,
  });
  const compare = (a: SortKey, b: SortKey): number => sign * (compareValues(a.value, b.value) || a.serial - b.serial);
  const filters = Object.entries(list.filters ?? {});
  const passing = records.filter(({ body }) =>
    filters.every(([name, filter]) => passes(body, name, filter, query.get(name) ?? filter.default)),
  );
  return { records: passing.toSorted((a, b) => compare(keyOf(a), keyOf(b))), keyOf, compare };
}

/** Of the orders whose parameters the query has, the one with the most; else the order unasked. */
function chosenOrder({ order, orders }: ListOperation, query: URLSearchParams): Order | undefined {
  const asked = Object.values(orders ?? {})
    .filter((one) => Object.entries(one.query).every(([name, value]) => query.get(name) === value))
    .toSorted((a, b) => Object.keys(b.query).length - Object.keys(a.query).length);
  return asked[0] ?? order;
}

function passes(body: unknown, name: string, filter: Filter, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === filter.all) return true;
  const actual = valueAt(body, filter.field ?? name);
  if (filter.test === "includesAll") {
    const items: readonly unknown[] = Array.isArray(actual) ? actual : [];
    const held = items.map((item) => String(filter.member === undefined ? item : valueAt(item, filter.member)));
    return wanted.split(",").every((one) => held.includes(one));
  }
  if (actual === undefined || actual === null) return false;
  const difference = compareValues(sortable(actual), typeof actual === "number" ? Number(wanted) : wanted);
  switch (filter.test ?? "equals") {
    case "equals":
      return findable(actual) === wanted;
    case "atLeast":
      return difference >= 0;
    case "above":
      return difference > 0;
    case "atMost":
      return difference <= 0;
    case "below":
      return difference < 0;
  }
}

function sortable(value: unknown): string | number {
  return typeof value === "number" ? value : typeof value === "string" ? value : "";
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
