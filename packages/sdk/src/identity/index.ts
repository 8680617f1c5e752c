/**
 * Whether records of different connections are the same thing. Pure: who keeps records finds the candidates, and does what is decided.
 *
 * Terms: a *canonical id* is ours, one for a thing, whatever records of it there are. A *match key* is what a record is recognised by, normalised, with its *kind*. A *candidate*
 * is a thing with which a new record has keys in common; its *score* says how sure one can be.
 *
 * Invariants: equal evidence is decided equally, in whatever order it comes. Where two are as good, or one connection would have two of the same, nobody is guessed: somebody is asked.
 *
 * @module
 */
export { decideMatch } from "./decide-match.ts";
export type { MatchCandidate, MatchOutcome, ScoredCandidate, WhyAmbiguous } from "./decide-match.ts";
export { matchKeys } from "./match-keys.ts";
export type { Recognisable } from "./match-keys.ts";
export { standardRules } from "./match-rules.ts";
export type { MatchRule, MatchRules } from "./match-rules.ts";
