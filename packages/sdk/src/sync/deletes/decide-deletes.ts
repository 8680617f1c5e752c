import type { Proof, WhyNone } from "../walk/proof.ts";

/** What deletes are decided by. */
export interface DeleteQuestion {
  /** Of the walk; undefined where it proves nothing. */
  readonly proof: Proof | undefined;
  readonly whyNone?: readonly WhyNone[];
  /** How many of the known records the walk did not see: candidates for deletion. Records that came to be known after it began are none. */
  readonly missing: number;
  /** How many records that the provider is thought to have were known when the walk began. */
  readonly known: number;
  /**
   * How many known records the provider itself named as deleted, by tombstones or a listing of deletions; with those that were deleted for it lately, without anybody's approval. None of
   * them is among the missing. Default 0.
   */
  readonly named?: number;
  /** Largest share of the known records that may be deleted without anybody looking: 0 to 1. Default 0.05. */
  readonly maxFraction?: number;
  /** So many are never too many, whatever share they are: one of ten is no accident. Default 10. */
  readonly maxCount?: number;
  /** How long deletes that are too many are held for approval, in milliseconds. Default 24 h. */
  readonly holdMs?: number;
  readonly nowMs: number;
}

/** What is to become of the candidates. */
export type DeleteDecision =
  | { readonly kind: "none"; readonly why: "nothing-missing" | "changes-only" | readonly WhyNone[] }
  /** Somebody has to approve them until then; after it missing ones are dropped until a proven walk asks anew, and about named ones the next walk does. */
  | { readonly kind: "held"; readonly untilMs: number; readonly count: number; readonly fraction: number }
  | { readonly kind: "apply"; readonly count: number; readonly fraction: number };

const dayMs = 86_400_000;

/**
 * Whether records may be deleted because a walk did not see them, or because the provider named them. Missing ones only under a proof that the
 * walk saw everything; in either case only few: a wrong permission or filter looks like a mass deletion.
 *
 * Pure; the same question has the same answer. Defaults: 5 %, 10 records, 24 h.
 */
export function decideDeletes(question: DeleteQuestion): DeleteDecision {
  const { proof, whyNone = [], missing, known, named = 0, maxFraction = 0.05, maxCount = 10, holdMs = dayMs, nowMs } = question;
  const provenMissing = proof?.covers === "all" ? missing : 0;
  const count = provenMissing + named;
  if (count === 0) {
    if (missing === 0) return { kind: "none", why: "nothing-missing" };
    return { kind: "none", why: proof === undefined ? whyNone : "changes-only" };
  }
  const fraction = count / Math.max(known, count);
  // Everything at once is never few: an empty answer has cost others all they had.
  const isAll = provenMissing > 0 && count >= known && known > 1;
  const isFew = !isAll && (count <= maxCount || fraction <= maxFraction);
  return isFew ? { kind: "apply", count, fraction } : { kind: "held", untilMs: nowMs + holdMs, count, fraction };
}
