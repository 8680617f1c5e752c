import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { SyncKey } from "../syncs/index.ts";
import type { Cipher } from "../vault/index.ts";
import { openDiscrepancies } from "./contents.ts";
import { countDiscrepancies, readDiscrepancies } from "./discrepancy-store.ts";
import { hasReconciliation, readProvenEqualAt, readRows, type ReconciliationRow } from "./store.ts";
import { type DiscrepancyClass, discrepancyClasses, type DiscrepancyRow, type ReconciliationKey } from "./types.ts";

/** A comparison as it is shown. */
export interface ShownReconciliation extends Omit<ReconciliationRow, "tenant" | "sync" | "connection"> {
  /** How many discrepancies there are of each class. */
  readonly found: Readonly<Record<DiscrepancyClass, number>>;
  /** How many are left to be repaired, were, and were left alone. */
  readonly open: number;
  readonly applied: number;
  readonly skipped: number;
}

/** Comparisons of a sync at a connection, newest first, and when the two sides were last proven equal. */
export async function readReconciliations(
  db: Db,
  key: SyncKey,
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<{ readonly items: readonly ShownReconciliation[]; readonly provenEqualAt: string | null }> {
  const rows = await readRows(db, key, page);
  return { items: await showReconciliations(db, rows), provenEqualAt: await readProvenEqualAt(db, key) };
}

/** Rows as they are shown. */
export async function showReconciliations(db: Db, rows: readonly ReconciliationRow[]): Promise<ShownReconciliation[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const counts = await countDiscrepancies(
    db,
    first.tenant,
    rows.map(({ id }) => id),
  );
  return rows.map(({ tenant: _tenant, sync: _sync, connection: _connection, ...row }) => {
    const own = counts.filter(({ id }) => id === row.id);
    const sum = (matches: (one: (typeof own)[number]) => boolean): number =>
      own.filter(matches).reduce((total, { count }) => total + count, 0);
    const found = Object.fromEntries(discrepancyClasses.map((name) => [name, sum((one) => one.class === name)]));
    return {
      ...row,
      // Every class has its number.
      found: found as Record<DiscrepancyClass, number>,
      open: sum(({ state }) => state === "open"),
      applied: sum(({ state }) => state === "applied"),
      skipped: sum(({ state }) => state === "skipped"),
    };
  });
}

/** A discrepancy as it is shown. */
export interface ShownDiscrepancy extends Omit<DiscrepancyRow, "contents" | "position"> {
  /** Where what is kept differs. */
  readonly fields: readonly string[];
  /** What the provider listed, mapped; null: there is nothing, or it cannot be read any more. */
  readonly data: unknown;
}

/** What a comparison found, by external id, from behind a place on. @throws `API_NOT_FOUND`: the sync has no such comparison. */
export async function listDiscrepancies(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  { tenant, sync, connection, id }: ReconciliationKey,
  page: { readonly only: DiscrepancyClass | undefined; readonly after: readonly [string, string]; readonly limit: number },
): Promise<ShownDiscrepancy[]> {
  if (!(await hasReconciliation(db, { tenant, sync, connection, id })))
    throw new BelayError("API_NOT_FOUND", `Sync "${sync}" has no comparison ${id} at connection "${connection}".`);
  const rows = await readDiscrepancies(db, { tenant, id }, page);
  const contents = await openDiscrepancies(
    cipher,
    tenant,
    rows.map((row) => row.contents),
  );
  return rows.map(({ contents: _contents, position: _position, ...row }, index): ShownDiscrepancy => {
    const { fields = [], record } = contents[index] ?? {};
    return { ...row, fields, data: record ? (JSON.parse(record.data) as unknown) : null };
  });
}
