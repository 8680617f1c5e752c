import { shortened, tableOf } from "./print.ts";

/** What stands in one column. */
export interface ComparedRecord {
  readonly title: string;
  /** Its fields; null: it has none. */
  readonly data: unknown;
  /** In the first line below the title. */
  readonly thing?: string;
}

/** Records beside one another, a field a line; fields that all leave empty are left out. */
export function sideBySide(columns: readonly ComparedRecord[]): string {
  const fields = [...new Set(columns.flatMap(({ data }) => Object.keys(fieldsOf(data))))];
  const rows = fields
    .map((field) => [field, ...columns.map(({ data }) => textOf(fieldsOf(data)[field]))])
    .filter(([, ...values]) => values.some((value) => value !== ""));
  const things = columns.some(({ thing }) => thing !== undefined) ? [["thing", ...columns.map(({ thing = "" }) => thing)]] : [];
  return tableOf(["", ...columns.map(({ title }) => title)], [...things, ...rows], "");
}

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? { ...data } : {};
}

/** A value as it fits in a column. */
export function textOf(value: unknown): string {
  return shortened(plainOf(value), 40);
}

/** What tells one from another: the address, not that it is an address of work. */
function plainOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plainOf).join(", ");
  if (typeof value !== "object") return typeof value === "string" ? value : JSON.stringify(value);
  const parts = Object.entries(value).filter(([name]) => name !== "kind");
  return parts
    .map(([, part]) => plainOf(part))
    .filter((text) => text !== "")
    .join(" ");
}
