import { defaultLink, defaultReview, type MatchRules } from "./match-rules.ts";

/** A thing that is known already, and has match keys in common with a new record. */
export interface MatchCandidate {
  /** The canonical id. */
  readonly id: string;
  /** The kinds of the keys in common; twice the same counts once. */
  readonly agreesOn: readonly string[];
  /** The new record's own connection has a record of it already: one of the two is a duplicate there, or they are two. */
  readonly isTaken: boolean;
}

/** A candidate with how sure one can be, 0 to 1. */
export interface ScoredCandidate extends MatchCandidate {
  readonly score: number;
}

/** Why nobody can say: `several` are as good, evidence is `weak`, or the connection has one of it already (`taken`). */
export type WhyAmbiguous = "several" | "weak" | "taken";

/** What a new record is. */
export type MatchOutcome =
  | { readonly kind: "linked"; readonly id: string; readonly score: number; readonly on: readonly string[] }
  | { readonly kind: "new" }
  /** It is new until somebody has decided. Best first. */
  | { readonly kind: "ambiguous"; readonly why: WhyAmbiguous; readonly candidates: readonly ScoredCandidate[] };

/**
 * Decides what a new record is. Pure, and the order of candidates does not matter. Kinds count as evidence that is independent: the score is how likely it is that not all of them
 * are wrong. A certain match wins over all that are not.
 */
export function decideMatch(candidates: readonly MatchCandidate[], rules: MatchRules): MatchOutcome {
  const { link = defaultLink, review = defaultReview } = rules;
  const scored = candidates
    .map((candidate): ScoredCandidate => ({ ...candidate, score: scoreOf(candidate.agreesOn, rules) }))
    .filter(({ score }) => score >= Math.min(review, link))
    .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  const certain = scored.filter(({ score }) => score === 1);
  const good = certain.length > 0 ? certain : scored.filter(({ score }) => score >= link);
  const [best, second] = good;
  if (best === undefined) return scored.length === 0 ? { kind: "new" } : { kind: "ambiguous", why: "weak", candidates: scored };
  if (second !== undefined) return { kind: "ambiguous", why: "several", candidates: scored };
  if (best.isTaken) return { kind: "ambiguous", why: "taken", candidates: scored };
  return { kind: "linked", id: best.id, score: best.score, on: best.agreesOn };
}

function scoreOf(kinds: readonly string[], { rules }: MatchRules): number {
  const doubt = [...new Set(kinds)].reduce((left, kind) => left * (1 - (rules.find((rule) => rule.kind === kind)?.weight ?? 0)), 1);
  // As people write it: products of fractions end in dust, and thresholds must not depend on that.
  return Math.round((1 - doubt) * 1e6) / 1e6;
}
