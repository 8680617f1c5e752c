/** How much it says that two records agree on a match key of a kind. */
export interface MatchRule {
  /** Of the match key: `email`, `phone`, `domain`, `external`, or one of your own. */
  readonly kind: string;
  /** How sure one can be by this alone that they are the same thing: above 0, at most 1. What is certain is never outvoted. */
  readonly weight: number;
}

/** When records of two connections are the same thing. */
export interface MatchRules {
  readonly rules: readonly MatchRule[];
  /** From this score on they are linked. Default 0.9. */
  readonly link?: number;
  /** From this score on, and below `link`, somebody is asked. Default 0.5. */
  readonly review?: number;
}

/**
 * An id that one system keeps of the other is certain, and an e-mail address nearly so; telephones are shared by families and offices, and a domain by all who work
 * there: either alone is a question for somebody, both together are not.
 */
export const standardRules: MatchRules = {
  rules: [
    { kind: "external", weight: 1 },
    { kind: "email", weight: 0.95 },
    { kind: "phone", weight: 0.75 },
    { kind: "domain", weight: 0.6 },
  ],
};

export const defaultLink = 0.9;
export const defaultReview = 0.5;
