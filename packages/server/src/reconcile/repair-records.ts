import type { MappedRecord } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import {
  applyPlan,
  type ComparableRecord,
  findComparable,
  planDeletes,
  type PagePlan,
  planPage,
  type RecordOrigin,
} from "../records/index.ts";
import { hasWalkedSince, lockIdle, type SyncKey } from "../syncs/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { openDiscrepancies } from "./contents.ts";
import type { Settled } from "./discrepancy-store.ts";
import type { DiscrepancyRow, SkipReason } from "./types.ts";

interface PlanParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
}

/** A part of a repair, worked out for the state of now. */
export interface RepairPlan {
  readonly settled: readonly Settled[];
  /** Deletes only: whether nobody can be seeing the records just now. Locks the sync. */
  mayDelete(tx: Db): Promise<boolean>;
  /** @returns by how many there are more records; `undefined`: somebody has changed one meanwhile, and the caller rolls back. */
  apply(tx: Db): Promise<number | undefined>;
}

/** Writes records as the provider listed them, over whatever is kept: newer by its version or not, it was compared and is wrong. */
export async function planWrites(parts: PlanParts, origin: RecordOrigin, rows: readonly DiscrepancyRow[]): Promise<RepairPlan> {
  const contents = await openDiscrepancies(
    parts.cipher,
    origin.tenant,
    rows.map((row) => row.contents),
  );
  const kept = await findComparable(
    parts.db,
    origin,
    rows.map(({ externalId }) => externalId),
  );
  const settled: Settled[] = [];
  const records: MappedRecord[] = [];
  for (const [index, row] of rows.entries()) {
    const record = contents[index]?.record ?? undefined;
    const whySkipped = record === undefined ? "unreadable" : changedSince(row, kept.get(row.externalId));
    settled.push(toSettled(row, whySkipped));
    if (record !== undefined && whySkipped === undefined) records.push(record);
  }
  const plan = await planPage(parts, origin, records, [], { overwrite: true });
  return { settled, mayDelete: () => Promise.resolve(false), apply: (tx) => write(tx, plan, records.length) };
}

/** Deletes what is not listed any more. */
export async function planDeletions(
  parts: PlanParts,
  origin: RecordOrigin,
  rows: readonly DiscrepancyRow[],
  since: { readonly key: SyncKey; readonly walk: number; readonly countsVersions: boolean },
): Promise<RepairPlan> {
  // A walk that met one of them again and found it unchanged has left no trace but, where versions are counted, its version.
  const any = !since.countsVersions;
  const hasWalked = await hasWalkedSince(parts.db, since.key, { walk: since.walk, any });
  const ids = rows.map(({ externalId }) => externalId);
  const kept = await findComparable(parts.db, origin, ids);
  const settled = rows.map((row) => toSettled(row, hasWalked ? "walked-since" : changedSince(row, kept.get(row.externalId))));
  const going = settled.filter(({ whySkipped }) => whySkipped === undefined).map(({ externalId }) => externalId);
  const plan = await planDeletes(parts, origin, going);
  return {
    settled,
    // From here on no walk begins until it is done; and none has begun since it was looked for.
    mayDelete: async (tx) =>
      (await lockIdle(tx, since.key)) !== undefined && (hasWalked || !(await hasWalkedSince(tx, since.key, { walk: since.walk, any }))),
    apply: (tx) => write(tx, plan, going.length),
  };
}

async function write(tx: Db, plan: PagePlan, expected: number): Promise<number | undefined> {
  if (plan.changed.length < expected) return undefined;
  if (expected === 0) return 0;
  return (await applyPlan(tx, plan, false))?.growth;
}

/** A record that is not what it was when it was compared. */
function changedSince(row: DiscrepancyRow, kept: ComparableRecord | undefined): SkipReason | undefined {
  if (row.position === null) return kept === undefined ? undefined : "changed-since";
  const isSame = kept !== undefined && kept.position === row.position && kept.version === row.version;
  return isSame ? undefined : "changed-since";
}

export function toSettled({ externalId, class: of }: DiscrepancyRow, whySkipped: SkipReason | undefined): Settled {
  return { externalId, class: of, ...(whySkipped && { whySkipped }) };
}
