import type { ErrorTable } from "@belay/sdk";

/** What can be wrong with the way a command is called. */
export const reportErrors = {
  REPORT_OPTION_INVALID: {
    class: "request-mistake",
    retry: "never",
    meaning: "A demo, benchmark or chaos command does not know an option or its value; the message lists what it knows.",
  },
} as const satisfies ErrorTable;
