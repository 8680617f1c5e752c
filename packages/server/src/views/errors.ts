import type { ErrorTable } from "@belay/sdk";

/** Why a request of views is refused. */
export const viewErrors = {
  VIEW_UNKNOWN: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "The configuration has no view of this name.",
  },
} as const satisfies ErrorTable;
