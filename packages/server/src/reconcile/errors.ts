import type { ErrorTable } from "@belay/sdk";

/** What keeps a comparison from going on. */
export const reconcileErrors = {
  RECONCILE_MAPPING_CHANGED: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The sync's mapping became another one while records were compared by it. The comparison has to begin anew.",
  },
  RECONCILE_SYNC_GONE: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The configuration has the sync, or the connection, no more: there is nothing to compare with.",
  },
} as const satisfies ErrorTable;

/** Why a plan was not applied. */
export const reconcileRequestErrors = {
  RECONCILE_PLAN_GONE: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning:
      "The comparison is no plan that can be applied: it found nothing, has not ended, is more than a day old, is not the newest, or the mapping is another one by now. Compare anew.",
  },
} as const satisfies ErrorTable;
