import type { ErrorTable } from "@belay/sdk";

/** What threatens an installation. Nobody throws them: `GET /v1/health` and the log name them, with where and what to do. */
export const healthErrors = {
  HEALTH_OLD_TRANSACTION: {
    class: "installation",
    retry: "backoff",
    meaning: "A transaction stays open, and nothing that was deleted since it began can be cleared away.",
  },
  HEALTH_BLOATED_TABLE: {
    class: "installation",
    retry: "backoff",
    meaning: "A table has more dead rows than live ones; vacuum does not keep up.",
  },
  HEALTH_OVERDUE_MAILBOX: {
    class: "overload",
    retry: "backoff",
    meaning: "A mailbox is due and no worker takes it: none runs, or all are busy.",
  },
  HEALTH_MISPLACED_HISTORY: {
    class: "installation",
    retry: "backoff",
    meaning: "History is written to the default partition, because the one of its day is missing.",
  },
  HEALTH_FEED_CONSUMER_SILENT: {
    class: "request-mistake",
    retry: "backoff",
    meaning:
      "Nobody has read a consumer of the change feed for days, although changes wait for it. Replaced versions are kept for 30 days; who comes later gets the newest only.",
  },
  HEALTH_DATABASE_SILENT: { class: "installation", retry: "backoff", meaning: "The database does not answer." },
} as const satisfies ErrorTable;

export type HealthCode = keyof typeof healthErrors;
