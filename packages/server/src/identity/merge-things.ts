import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { applyMove, type MovePlan, planMove } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { Cipher } from "../vault/index.ts";
import { closeMerge, insertMerge, readMerge } from "./store.ts";

export interface MergeParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** Whoever changes the very records that are merged does so seldom. */
const mostAttempts = 5;

export interface MergeRequest {
  readonly tenant: string;
  /** The canonical id that stays. */
  readonly survivor: string;
  /** The one that is given up. */
  readonly merged: string;
  readonly why: string;
  readonly actor: string;
}

/**
 * Makes two things one: the records of the one get the canonical id of the other. It is written down, and told in the change feed; `undoMerge` takes it back.
 *
 * @param also Done in the same transaction, first.
 * @param confirm Asked under the lock of the tenant's feed, when nobody adds records: false refuses it.
 * @returns the id of the merge.
 * @throws `IDENTITY_MERGE_REFUSED`, `IDENTITY_CONTENDED`.
 */
export async function mergeThings(
  parts: MergeParts,
  request: MergeRequest,
  also?: (tx: Db) => Promise<void>,
  confirm: (tx: Db) => Promise<boolean> = async () => true,
): Promise<number> {
  const { tenant, survivor, merged, why, actor } = request;
  if (survivor === merged) throw refused(`"${merged}" cannot be merged with itself.`);
  return await attempt(
    parts,
    async () => {
      const [plan, other] = [
        await planMove(parts, { tenant, from: merged, to: survivor }),
        await planMove(parts, { tenant, from: survivor, to: survivor }),
      ];
      if (plan === undefined || other === undefined)
        throw refused(`Tenant "${tenant}" has no record "${plan === undefined ? merged : survivor}".`);
      if (plan.model !== other.model) throw refused(`"${merged}" is a ${plan.model}, and "${survivor}" a ${other.model}.`);
      return plan;
    },
    async (tx, plan) => {
      await also?.(tx);
      const moved = plan.rows.map(({ connection, resource, externalId }) => ({ connection, resource, externalId }));
      const id = await insertMerge(tx, tenant, { survivor, merged, moved, why, by: actor });
      await insertEvents(tx, [{ type: "identity.merged", tenant, actor, reference: survivor, data: { merge: id, merged } }]);
      if (!(await applyMove(tx, plan, "merged"))) return undefined;
      if (!(await confirm(tx))) throw refused(`"${merged}" and "${survivor}" have both come to have a record at one connection.`);
      return id;
    },
  );
}

/**
 * Takes a merge back: the records that were moved by it, and are still where it put them, get their canonical id again.
 *
 * @throws `IDENTITY_MERGE_REFUSED` when it was taken back before or none of them is there; `IDENTITY_CONTENDED`.
 */
export async function undoMerge(
  parts: MergeParts,
  { tenant, id, actor }: { readonly tenant: string; readonly id: number; readonly actor: string },
): Promise<void> {
  const event = await readMerge(parts.db, tenant, id);
  if (event === undefined) throw new BelayError("API_NOT_FOUND", `Tenant "${tenant}" has no merge ${id}.`);
  const { survivor, merged, moved } = event;
  await attempt(
    parts,
    async () => {
      if (event.undoneAt !== null)
        throw refused(`Merge ${id} was undone before, by ${event.undoneBy ?? "nobody known"} at ${event.undoneAt}.`);
      const plan = await planMove(parts, { tenant, from: survivor, to: merged }, moved);
      if (plan === undefined)
        throw refused(`Merge ${id} cannot be undone: its records are of another thing by now, as a later merge may have made them.`);
      return plan;
    },
    async (tx, plan) => {
      if (!(await closeMerge(tx, tenant, id, actor))) throw refused(`Merge ${id} was undone before.`);
      await insertEvents(tx, [{ type: "identity.unmerged", tenant, actor, reference: survivor, data: { merge: id, merged } }]);
      return (await applyMove(tx, plan, "unmerged")) ? id : undefined;
    },
  );
}

function refused(text: string): BelayError {
  return new BelayError("IDENTITY_MERGE_REFUSED", text);
}

class Contended extends Error {}

/** Plans and applies until nobody has changed a record in between. */
async function attempt(
  parts: MergeParts,
  plan: () => Promise<MovePlan>,
  apply: (tx: Db, plan: MovePlan) => Promise<number | undefined>,
): Promise<number> {
  for (let count = 1; count <= mostAttempts; count += 1) {
    const planned = await plan();
    const done = await parts.db
      .transaction()
      .execute(async (tx) => {
        const id = await apply(tx, planned);
        // Nothing of it may stay.
        if (id === undefined) throw new Contended();
        return id;
      })
      .catch((error: unknown) => {
        if (error instanceof Contended) return undefined;
        throw error;
      });
    if (done !== undefined) return done;
  }
  throw new BelayError("IDENTITY_CONTENDED", "The records change faster than they can be merged; try again.", { retry: "backoff" });
}
