import type { ErrorTable } from "../errors/failure-classes.ts";

/** Why a record of a model cannot be written to a provider. */
export const modelErrors = {
  MODEL_FIELD_READ_ONLY: {
    class: "request-mistake",
    retry: "never",
    meaning:
      "A field of the model cannot be written to this provider; the message names it. The coverage table, docs/coverage.md, shows which can.",
  },
} as const satisfies ErrorTable;
