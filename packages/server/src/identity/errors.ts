import type { ErrorTable } from "@belay/sdk";

/** Why something that was asked about identities was not done. */
export const identityErrors = {
  IDENTITY_MERGE_REFUSED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The two are one thing already, one of them is not there, or the merge was undone before.",
  },
  IDENTITY_REVIEW_DECIDED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The review was decided before, or the thing is not among its candidates.",
  },
  IDENTITY_CONTENDED: {
    status: 409,
    class: "record-refused",
    retry: "backoff",
    meaning: "Records of the two changed while they were merged; try again.",
  },
} as const satisfies ErrorTable;
