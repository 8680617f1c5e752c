import type { ErrorTable } from "@belay/sdk";

/** Why measures were not read. */
export const measuresErrors = {
  MEASURES_TOO_MANY: {
    status: 400,
    class: "request-mistake",
    retry: "never",
    meaning: "More series were asked for than one answer holds. Name a tenant, a connection or a kind, or ask for a shorter span or hours.",
  },
} as const satisfies ErrorTable;
