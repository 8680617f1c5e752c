/** Why a run of a flow failed, where neither the provider nor the network is to blame. */
export const flowErrors = {
  FLOW_UNKNOWN: {
    retry: "backoff",
    meaning: "This process does not have the flow or connection of the message: deploy it again, or discard the message.",
  },
  FLOW_FAILED: { retry: "backoff", meaning: "The flow's own code threw an error that is not Belay's." },
  FLOW_TIMED_OUT: { retry: "backoff", meaning: "The run took longer than a run may." },
  FLOW_THREAD_ENDED: { retry: "backoff", meaning: "The flow's code ended its thread: it hung, ran out of memory or called process.exit." },
  FLOW_THREAD_UNAVAILABLE: { retry: "backoff", meaning: "A worker thread could not be started; the log says why. Nothing was attempted." },
  FLOW_STEP_REPEATED: { retry: "never", meaning: "A step name was used twice in one run; give each step its own name." },
  FLOW_STEP_RESULT_INVALID: { retry: "never", meaning: "A step's result cannot be written as JSON; return plain data." },
  FLOW_STEP_UNRECORDED: { retry: "backoff", meaning: "A step's result could not be stored before the next step began." },
  LEASE_LOST: { retry: "backoff", meaning: "The mailbox went to another worker while this one was working; nothing more is sent." },
} as const;
