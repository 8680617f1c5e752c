import type { ErrorTable } from "@belay/sdk";

/** Why a run of a flow failed, where neither the provider nor the network is to blame. */
export const flowErrors = {
  FLOW_UNKNOWN: {
    class: "configuration-mistake",
    retry: "backoff",
    meaning: "This process does not have the flow or connection of the message: deploy it again, or discard the message.",
  },
  FLOW_FAILED: { class: "flow-mistake", retry: "backoff", meaning: "The flow's own code threw an error that is not Belay's." },
  FLOW_TIMED_OUT: { class: "flow-runaway", retry: "backoff", meaning: "The run took longer than a run may." },
  FLOW_THREAD_ENDED: {
    class: "flow-runaway",
    retry: "backoff",
    meaning: "The flow's code ended its thread: it hung, ran out of memory or called process.exit.",
  },
  FLOW_THREAD_UNAVAILABLE: {
    class: "installation",
    retry: "backoff",
    meaning: "A worker thread could not be started; the log says why. Nothing was attempted.",
  },
  FLOW_STEP_REPEATED: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A step name was used twice in one run; give each step its own name.",
  },
  FLOW_STEP_RESULT_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A step's result cannot be written as JSON; return plain data.",
  },
  FLOW_STEP_UNRECORDED: {
    class: "installation",
    retry: "backoff",
    meaning: "A step's result could not be stored before the next step began.",
  },
  LEASE_LOST: {
    class: "installation",
    retry: "backoff",
    meaning: "The mailbox went to another worker while this one was working; nothing more is sent.",
  },
  SYNC_PAGE_UNKEPT: {
    class: "installation",
    retry: "backoff",
    meaning: "A page of records could not be written down: the database was away. The walk goes on from the page before.",
  },
} as const satisfies ErrorTable;
