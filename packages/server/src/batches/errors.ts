import type { ErrorTable } from "@belay/sdk";

/** Why a batch cannot be started or ended. */
export const batchErrors = {
  BATCH_UNKNOWN: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "The configuration has no batch of this name.",
  },
  BATCH_NOT_CONNECTED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The tenant has no connection to the connector that the batch writes to, or reads from.",
  },
  BATCH_READING: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "A run of this batch is still reading its set for this tenant: wait for it, or cancel it.",
  },
  BATCH_RUN_UNKNOWN: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "There is no such run, or it does not read any more.",
  },
} as const satisfies ErrorTable;
