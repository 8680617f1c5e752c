import type { ErrorTable } from "@belay/sdk";

/** What can be wrong with a reproduction. */
export const reproductionErrors = {
  REPRODUCTION_INVALID: {
    class: "request-mistake",
    retry: "never",
    meaning: "The file is no reproduction as belay reproduce writes it, or its flow or a connector is not in the configuration.",
  },
  REPRODUCTION_CALL_UNMATCHED: {
    class: "flow-mistake",
    retry: "never",
    meaning: "Offline, the flow made a call that the failed attempt had not made, or made more often: it goes another way now.",
  },
} as const satisfies ErrorTable;
