import type { RowsKey } from "./store.ts";

/** A record that a row was put together from. */
export interface RowSource {
  /** The connector's id. */
  readonly provider: string;
  readonly connection: string;
  readonly resource: string;
  readonly externalId: string;
  /** Where people see it; null: nobody knows. */
  readonly url: string | null;
  /** Of the change that made it what it was. */
  readonly position: number;
  readonly sync: string | null;
  /** ISO 8601. */
  readonly changedAt: string | null;
}

/** What is sealed of a row. */
export interface RowContents {
  readonly data: Readonly<Record<string, unknown>>;
  /** The source of each value, by field, as its place among `sources`. */
  readonly from: Readonly<Record<string, number>>;
  readonly sources: readonly RowSource[];
}

/** What the contents of a row are sealed for: they open in no other. */
export function rowPurpose({ view, version }: Pick<RowsKey, "view" | "version">, id: string): string {
  return `view.row ${view}/${version}/${id}`;
}
