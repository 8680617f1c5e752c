import type { ErrorTable } from "@belay/sdk";

/** Why a call is not let through. */
export const trafficErrors = {
  TRAFFIC_PAUSED: {
    status: 409,
    class: "installation",
    retry: "backoff",
    meaning: "Somebody has paused this connection, its tenant or its connector; calls go through again when it is resumed.",
  },
} as const satisfies ErrorTable;
