import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { mergeThings, type MergeParts } from "./merge-things.ts";
import { closeReview, readReview, type ShownReview } from "./store.ts";

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
 * @param also Done in the same transaction, with the things that the review was about.
 * @throws `API_NOT_FOUND`, `IDENTITY_REVIEW_DECIDED`, what `mergeThings` throws.
 */
export async function decideReview(
  parts: MergeParts,
  { tenant, review: id, is, actor }: ReviewDecision,
  also: (tx: Db, records: readonly string[]) => Promise<void> = async () => {},
): Promise<void> {
  const review = await readReview(parts.db, tenant, id);
  if (review === undefined) throw new BelayError("API_NOT_FOUND", `Tenant "${tenant}" has no review ${id}.`);
  const decided = new BelayError("IDENTITY_REVIEW_DECIDED", `Review ${id} was decided before${howDecided(review)}`);
  if (review.state !== "open") throw decided;
  const close = async (tx: Db, state: "apart" | "linked"): Promise<void> => {
    if (!(await closeReview(tx, tenant, id, state, actor))) throw decided;
    await also(tx, [review.record, ...review.candidates.map((candidate) => candidate.id)]);
  };
  if (is === null) {
    await parts.db.transaction().execute((tx) => close(tx, "apart"));
    return;
  }
  if (!review.candidates.some((candidate) => candidate.id === is)) {
    const some = review.candidates.map((candidate) => candidate.id).join(", ");
    throw new BelayError("IDENTITY_REVIEW_DECIDED", `"${is}" is no candidate of review ${id}; there are: ${some}.`);
  }
  await mergeThings(parts, { tenant, survivor: is, merged: review.record, why: `review ${id}`, actor }, (tx) => close(tx, "linked"));
}

function howDecided({ state, decidedBy, decidedAt }: Pick<ShownReview, "state" | "decidedBy" | "decidedAt">): string {
  if (state === "open") return ".";
  const what =
    state === "linked" ? "it is one of them; to take that back, undo the merge" : "it is none of them; to say otherwise, merge the two";
  return `, by ${decidedBy ?? "nobody known"} at ${decidedAt ?? "no known time"}: ${what}.`;
}
