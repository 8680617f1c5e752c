import type { ErrorTable } from "@belay/sdk";

/** What can be wrong with the audit log. */
export const auditErrors = {
  AUDIT_UNWRITTEN: {
    status: 503,
    class: "installation",
    retry: "backoff",
    meaning: "What was asked for may be shown only once that is written down, and the audit log cannot be written now; try again.",
  },
} as const satisfies ErrorTable;
