import type { ErrorTable } from "@belay/sdk";

/** What keeps a two-way sync from merging or writing a record. */
export const twoWayErrors = {
  TWO_WAY_CONTENDED: {
    class: "record-refused",
    retry: "backoff",
    meaning: "A record changed again and again while it was merged and written; it is merged anew a little later.",
  },
  TWO_WAY_FIELD_REFUSED: {
    class: "record-refused",
    retry: "never",
    meaning:
      "A side of a two-way sync cannot be written with the fields that the record has: one that its connector needs is missing, or a value is none that it takes. The text names the two-way sync, the side and the field. Give the record that field at the other side, or let the side's `write` give one.",
  },
  TWO_WAY_NOT_WRITABLE: {
    class: "configuration-mistake",
    retry: "never",
    meaning:
      "A two-way sync has to write a record in a way that its connector does not declare, such as a delete. Declare it, or change `deletes`.",
  },
  TWO_WAY_REVIEW_OPEN: {
    class: "record-refused",
    retry: "never",
    meaning:
      "A record is created at no other side until somebody has decided which thing it is, or whether another record is it: `belay identity`.",
  },
  TWO_WAY_TAKEN: {
    class: "record-refused",
    retry: "never",
    meaning:
      "What was found where a record was to be created, by the field by which the connector looks for it, is another thing's, which has a record at both sides. Merge the two with `belay identity`, or give them different values in that field; then try again.",
  },
} as const satisfies ErrorTable;

/** Why something that was asked of a two-way sync was not done. */
export const twoWayRequestErrors = {
  TWO_WAY_DECIDED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The conflict is no more: somebody has decided it, or both sides have the same by now.",
  },
} as const satisfies ErrorTable;
