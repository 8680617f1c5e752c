import type { ErrorTable } from "@belay/sdk";

/** What keeps a walk from going on. */
export const syncErrors = {
  SYNC_POSITION_REFUSED: {
    class: "answer-drift",
    retry: "never",
    meaning:
      "The provider has forgotten the place up to which the sync knows its changes: it keeps such tokens for a time only. Belay reads everything at once. If this repeats, let the sync run more often.",
  },
  SYNC_WALK_STUCK: {
    class: "answer-drift",
    retry: "never",
    meaning: "A listing came to no end: its pages go in a circle, or nothing leads on. What was read is kept, and nothing is deleted.",
  },
} as const satisfies ErrorTable;

/** Why something that was asked of a sync was not done. */
export const syncRequestErrors = {
  SYNC_NOTHING_HELD: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "No deletes of the sync wait for approval: there are none, their time is over, or a walk is under way that looks anew.",
  },
  SYNC_NOTHING_TO_UNDO: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The walk has deleted nothing that is known: it deleted nothing, all of it was brought back, or it was more than 30 days ago.",
  },
  SYNC_PAGE_CONTENDED: {
    status: 409,
    class: "record-refused",
    retry: "backoff",
    meaning:
      "Records were changed by others again and again while they were to be written. A walk goes on where it is; a request may be sent again.",
  },
  SYNC_PAUSED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The sync is paused at this connection: resume it first.",
  },
  SYNC_SETTINGS_INVALID: {
    status: 422,
    class: "configuration-mistake",
    retry: "never",
    meaning: "A tenant's settings do not fit the sync's schema; until they do, its records are not read. The message names the fields.",
  },
} as const satisfies ErrorTable;
