import type { ErrorTable } from "@belay/sdk";

/** Why a consumer of the change feed gets no changes. */
export const feedErrors = {
  FEED_CONSUMER_UNKNOWN: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "No consumer of the change feed has this name: define it first, once.",
  },
  FEED_CONSUMER_DIFFERS: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning:
      "There is a consumer of this name with another filter. What it has passed over would be missing: give the new one a name of its own, or remove the old one.",
  },
  FEED_LEASE_LOST: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning:
      "Nothing of this batch is held any more: its lease ran out and another reader has it, or the consumer was rewound. Its changes come again.",
  },
  FEED_TOO_FAR_BEHIND: {
    status: 410,
    class: "request-mistake",
    retry: "never",
    meaning:
      "The consumer stands before what is kept: versions that were replaced since are gone. Rewind it to the start, from where it gets the newest version of every record.",
  },
} as const satisfies ErrorTable;
