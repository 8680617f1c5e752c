import type { ErrorTable } from "@belay/sdk";

/** Mistakes in where telemetry is to go. They show when Belay starts. */
export const tracingErrors = {
  TELEMETRY_TARGET_INVALID: {
    class: "installation",
    retry: "never",
    meaning: "The URL of the collector or the DSN of the error tracker is none; the message names the option or environment variable.",
  },
} as const satisfies ErrorTable;
