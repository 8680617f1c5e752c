import { valueAt } from "../connector/value-at.ts";

/** Ids are kept in columns of texts, and in keys of indexes. */
const longestId = 512;

/** The id of a record of the source; undefined where there is none that can be kept. */
export function idOf(record: unknown, path: string): string | undefined {
  const value = valueAt(record, path);
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text === "" || text.length > longestId) return undefined;
  return text.includes("\0") || !text.isWellFormed() ? undefined : text;
}
