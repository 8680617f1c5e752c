import { BelayError } from "@belay/sdk";
import { mergeThings, type MergeParts } from "./merge-things.ts";
import { closeReview, readReview } from "./store.ts";

/** What somebody says to a review. */
export interface ReviewDecision {
  readonly tenant: string;
  readonly review: number;
  /** The candidate that it is; null: it is none of them. */
  readonly is: string | null;
  readonly actor: string;
}

/**
 * Decides whether a record is one of the things that it looks like. To say that it is merges the two, and can be undone as any merge.
 *
 * @throws `API_NOT_FOUND`, `IDENTITY_REVIEW_DECIDED`, what `mergeThings` throws.
 */
export async function decideReview(parts: MergeParts, { tenant, review: id, is, actor }: ReviewDecision): Promise<void> {
  const review = await readReview(parts.db, tenant, id);
  if (review === undefined) throw new BelayError("API_NOT_FOUND", `Tenant "${tenant}" has no review ${id}.`);
  const decided = new BelayError("IDENTITY_REVIEW_DECIDED", `Review ${id} was decided before, or "${is}" is none of its candidates.`);
  if (review.state !== "open") throw decided;
  if (is === null) {
    if (!(await closeReview(parts.db, tenant, id, "apart", actor))) throw decided;
    return;
  }
  if (!review.candidates.some((candidate) => candidate.id === is)) throw decided;
  await mergeThings(parts, { tenant, survivor: is, merged: review.record, why: `review ${id}`, actor }, async (tx) => {
    if (!(await closeReview(tx, tenant, id, "linked", actor))) throw decided;
  });
}
