import type { ErrorTable } from "@belay/sdk";

/** Why messages wait without having failed. */
export const mailboxErrors = {
  MAILBOX_PAUSED: {
    class: "installation",
    retry: "backoff",
    meaning:
      "Somebody has paused this connection, flow, tenant or connector: `belay paused` says who, and why. It goes on when it is resumed.",
  },
} as const satisfies ErrorTable;
