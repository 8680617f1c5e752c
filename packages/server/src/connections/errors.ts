import type { ErrorTable } from "@belay/sdk";

/** Why a connection cannot be made or changed. */
export const connectionErrors = {
  CONNECTION_UNKNOWN: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "There is no connection of this id, or it is of the configuration, where it has to be changed.",
  },
  CONNECTION_AMBIGUOUS: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The tenant has a connection to the same provider, and a flow could not tell which of the two is meant.",
  },
  CONNECTION_IN_USE: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "Only a connection that is disconnected can be removed.",
  },
  CONNECTION_TAKES_NO_WEBHOOKS: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The connection has no endpoint at which webhooks arrive, so it needs no webhook secrets.",
  },
} as const satisfies ErrorTable;
