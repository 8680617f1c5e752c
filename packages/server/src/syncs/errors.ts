import type { ErrorTable } from "@belay/sdk";

/** What keeps a sync from going on, or a request about one from being done. */
export const syncErrors = {
  SYNC_NOTHING_HELD: {
    class: "request-mistake",
    retry: "never",
    meaning: "No deletes of the sync wait for approval: there are none, their time is over, or a walk is under way that looks anew.",
  },
  SYNC_PAGE_CONTENDED: {
    class: "record-refused",
    retry: "backoff",
    meaning: "Records of a page were changed by others again and again while it was taken in. The walk goes on where it is.",
  },
  SYNC_PAUSED: {
    class: "request-mistake",
    retry: "never",
    meaning: "The sync is paused at this connection: resume it first.",
  },
  SYNC_SETTINGS_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "A tenant's settings do not fit the sync's schema; until they do, its records are not read. The message names the fields.",
  },
  SYNC_WALK_STUCK: {
    class: "answer-drift",
    retry: "never",
    meaning: "A listing came to no end: its pages go in a circle, or nothing leads on. What was read is kept, and nothing is deleted.",
  },
} as const satisfies ErrorTable;
