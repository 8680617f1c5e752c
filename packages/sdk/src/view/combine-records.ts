import type { Preference, View } from "./define-view.ts";

/** A record that a row is put together from. */
export interface ViewRecord {
  readonly connection: string;
  /** The connector's id. */
  readonly provider: string;
  /** Of its newest change: what is larger changed later. */
  readonly position: number;
  readonly data: unknown;
}

export interface Combined {
  readonly data: Readonly<Record<string, unknown>>;
  /** Which of the records each value is from, by field; those that nobody has a value of are missing. */
  readonly from: Readonly<Record<string, number>>;
}

/** Puts a row together: of each field the value of the first record that has one, in the order that the view says. Pure; the order of the records does not matter. */
export function combineRecords({ fields, otherwise }: Pick<View, "fields" | "otherwise">, records: readonly ViewRecord[]): Combined {
  const newestFirst = records
    .map((record, index) => ({ ...record, index, values: Object(record.data) as Readonly<Record<string, unknown>> }))
    .toSorted((one, other) => other.position - one.position || (one.connection < other.connection ? -1 : 1));
  const names = [...new Set(newestFirst.flatMap(({ values }) => Object.keys(values)))].toSorted();
  const data: Record<string, unknown> = {};
  const from: Record<string, number> = {};
  for (const name of names) {
    const order = inOrder(newestFirst, (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? otherwise);
    const first = order.find(({ values }) => Object.hasOwn(values, name) && !isEmpty(values[name]));
    // What nobody has is as empty as the newest has it.
    data[name] = (first ?? order.find(({ values }) => Object.hasOwn(values, name)))?.values[name];
    if (first !== undefined) from[name] = first.index;
  }
  return { data, from };
}

function inOrder<R extends Pick<ViewRecord, "connection" | "provider">>(records: readonly R[], preference: Preference): readonly R[] {
  if (preference.length === 0) return records;
  const rank = ({ connection, provider }: R): number => {
    const place = preference.findIndex((id) => id === connection || id === provider);
    return place === -1 ? preference.length : place;
  };
  return records.toSorted((one, other) => rank(one) - rank(other));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
