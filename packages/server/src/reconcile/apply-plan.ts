import { BelayError, type Sync, toMs } from "@belay/sdk";
import { decideDeletes } from "@belay/sdk/walk";
import type { Db } from "../db/index.ts";
import { type RecordOrigin, unlistMissing } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import { countLateDeletes, growRecords } from "../syncs/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { countDiscrepancies, readOpenRepairs, type Settled, settleRepairs } from "./discrepancy-store.ts";
import { planRelinks } from "./repair-links.ts";
import { planDeletions, planWrites, type RepairPlan } from "./repair-records.ts";
import { lockPlan, readNewestEnded, type ReconciliationRow, setApplied } from "./store.ts";
import type { DiscrepancyRow, ReconciliationKey, Repair } from "./types.ts";

export interface RepairParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
}

export interface RepairLimits {
  /** So many records are touched at most. */
  readonly most: number;
  /** Deletes also where the sync's policy wants somebody's approval. */
  readonly approveDeletes: boolean;
}

/** What was done of a plan. */
export interface Repaired {
  readonly applied: number;
  /** Changed since they were compared, or possibly seen again: left alone. */
  readonly skipped: number;
  /** Deletes that wait for an approval. */
  readonly held: number;
  /** What is left; those that are held included. */
  readonly left: number;
  /** The rest could not be deleted because a walk of the sync is under way: ask again when it has ended. */
  readonly waits: boolean;
}

/** So many records are repaired in one transaction. */
const chunk = 500;
/** A request is answered after so long; whoever asked asks again. */
const longestMs = 20_000;
/** Somebody else changes the very records of a chunk so often only by mistake. */
const mostAttempts = 5;
/** Links before contents: what is written under a wrong id would be told under it. Deletes last, when what is right is there. */
const order: readonly Repair[] = ["relink", "write", "delete"];

/**
 * Repairs what a comparison found, in parts, each in one transaction with the note that it was done: cut off anywhere and asked again, it goes on with the rest, and nothing is done
 * twice. What is no longer as it was compared is left alone, and said. Deletes need the listing's proof, that no walk may have seen the record since, and, where they are many, an
 * approval.
 *
 * @throws `RECONCILE_PLAN_GONE`; what the database and `Cipher` throw.
 */
export async function applyRepairs(
  parts: RepairParts,
  sync: Sync,
  key: ReconciliationKey,
  { most, approveDeletes, actor }: RepairLimits & { readonly actor: string },
): Promise<Repaired> {
  const plan = await readPlan(parts.db, sync, key);
  const endsAt = parts.clock.now() + longestMs;
  const isHeld = !approveDeletes && (await areTooMany(parts, sync, plan));
  const done = { applied: 0, skipped: 0, waits: false };
  for (const repair of order) {
    if (repair === "delete" && isHeld) continue;
    while (done.applied < most && parts.clock.now() < endsAt) {
      const step = await repairSome(parts, sync, { plan, repair, limit: Math.min(chunk, most - done.applied) });
      if (step === "none") break;
      if (step === "waits") {
        done.waits = true;
        break;
      }
      done.applied += step.applied;
      done.skipped += step.skipped;
    }
  }
  const { tenant, connection } = key;
  const open = (await countDiscrepancies(parts.db, tenant, [key.id])).filter(({ state }) => state === "open");
  const left = open.reduce((sum, { count }) => sum + count, 0);
  await parts.db.transaction().execute(async (tx) => {
    await setApplied(tx, key);
    const data = { reconciliation: key.id, repaired: done.applied, skipped: done.skipped, left };
    if (done.applied + done.skipped > 0)
      await insertEvents(tx, [{ type: "sync.repaired", tenant, connection, flow: sync.id, actor, data }]);
  });
  return { ...done, held: isHeld ? await countDeletes(parts.db, plan) : 0, left };
}

/** @throws `RECONCILE_PLAN_GONE`. */
async function readPlan(db: Db, sync: Sync, key: ReconciliationKey): Promise<ReconciliationRow> {
  const plan = await db.transaction().execute((tx) => lockPlan(tx, key));
  const isTheirs = plan?.sync === key.sync && plan.connection === key.connection;
  if (plan === undefined || !isTheirs || plan.mapping !== sync.mapping || (await readNewestEnded(db, key)) !== key.id) throw gone(key);
  return plan;
}

function gone({ id, sync }: ReconciliationKey): BelayError {
  const text = `Comparison ${id} of sync "${sync}" is no plan that can be applied: it found nothing, is too old, is not the newest, or the mapping is another one. Compare anew.`;
  return new BelayError("RECONCILE_PLAN_GONE", text);
}

async function countDeletes(db: Db, { tenant, id }: ReconciliationRow): Promise<number> {
  let [count, after] = [0, ""];
  for (;;) {
    const rows = await readOpenRepairs(db, { tenant, id }, { repair: "delete", after, limit: chunk });
    count += rows.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < chunk) return count;
    after = last.externalId;
  }
}

/** By the policy of the sync; it is asked about all that are to be deleted, whatever `most` says. */
async function areTooMany({ db, clock }: RepairParts, sync: Sync, plan: ReconciliationRow): Promise<boolean> {
  const missing = await countDeletes(db, plan);
  if (missing === 0) return false;
  const { maxFraction, hold } = sync.deletes;
  const decision = decideDeletes({
    // Without a proof nothing is extra but what the mapping itself says is none of ours, and that is named, not missing.
    proof: plan.proven ? { kind: "end-by-no-cursor", covers: "all", pages: plan.windows, records: plan.compared, passes: 1 } : undefined,
    missing: plan.proven ? missing : 0,
    named: plan.proven ? 0 : missing,
    known: plan.kept ?? 0,
    nowMs: clock.now(),
    ...(maxFraction !== undefined && { maxFraction }),
    ...(hold !== undefined && { holdMs: toMs(hold) }),
  });
  return decision.kind === "held";
}

interface Step {
  readonly plan: ReconciliationRow;
  readonly repair: Repair;
  readonly limit: number;
}

async function repairSome(
  parts: RepairParts,
  sync: Sync,
  { plan, repair, limit }: Step,
): Promise<{ readonly applied: number; readonly skipped: number } | "none" | "waits"> {
  const { tenant, connection, id, walk, mapping } = plan;
  const { resource } = sync.source;
  const origin: RecordOrigin = {
    tenant,
    connection,
    resource,
    model: sync.target.model,
    sync: sync.id,
    mapping: mapping ?? sync.mapping,
    walk: walk ?? 0,
  };
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const rows = await readOpenRepairs(parts.db, plan, { repair, after: "", limit });
    if (rows.length === 0) return "none";
    const planned = await planRepair(parts, sync, { plan, repair, origin }, rows);
    const done = await parts.db
      .transaction()
      .execute(async (tx) => {
        // Whoever applies the same plan waits, and finds these rows settled.
        if ((await lockPlan(tx, plan)) === undefined) return "none";
        if (repair === "delete" && !(await planned.mayDelete(tx))) return "waits";
        const growth = await planned.apply(tx);
        if (growth === undefined || (await settleRepairs(tx, { tenant, id }, planned.settled)) < planned.settled.length) throw contended;
        if (growth !== 0) await growRecords(tx, plan, growth);
        const repaired = planned.settled.filter(({ whySkipped }) => whySkipped === undefined);
        if (repair === "delete") await noteDeletes(tx, plan, repaired);
        return { applied: repaired.length };
      })
      .catch((error: unknown) => {
        if (error === contended) return undefined;
        throw error;
      });
    if (done === undefined) continue;
    if (typeof done === "string") return done;
    return { applied: done.applied, skipped: planned.settled.length - done.applied };
  }
  throw new BelayError("SYNC_PAGE_CONTENDED", `Records of sync "${sync.id}" change faster than they can be repaired; try again.`, {
    retry: "backoff",
  });
}

/** Nobody is asked any more about what is deleted, and whoever wants it back finds the walk. */
async function noteDeletes(tx: Db, plan: ReconciliationRow, deleted: readonly Settled[]): Promise<void> {
  await countLateDeletes(tx, { tenant: plan.tenant, walk: plan.walk ?? 0 }, deleted.length);
  const ids = deleted.map(({ externalId }) => externalId);
  await unlistMissing(tx, plan, ids);
}

/** Rolls back a part that was planned for a state that is no more; it is planned anew. */
const contended = new Error("Somebody has changed the records of a repair.");

async function planRepair(
  parts: RepairParts,
  sync: Sync,
  { plan, repair, origin }: { readonly plan: ReconciliationRow; readonly repair: Repair; readonly origin: RecordOrigin },
  rows: readonly DiscrepancyRow[],
): Promise<RepairPlan> {
  if (repair === "relink") return await planRelinks(parts, origin, rows);
  if (repair === "write") return await planWrites(parts, origin, rows);
  return await planDeletions(parts, origin, rows, { key: plan, walk: plan.walk ?? 0, countsVersions: sync.version !== undefined });
}
