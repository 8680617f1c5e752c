import type { ErrorTable } from "@belay/sdk";

/** Why a request of the unified API is refused. */
export const unifiedErrors = {
  UNIFIED_NOT_COVERED: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning:
      "The connection's connector has no such records, or cannot do with them what was asked for; docs/coverage.md shows what each can.",
  },
  UNIFIED_FIELD_REFUSED: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "A field of the record is wrong, or cannot be written to this provider; the detail names it.",
  },
  UNIFIED_PROVIDER_REFUSED: {
    status: 422,
    class: "record-refused",
    retry: "never",
    meaning: "The provider does not take the request; the detail has the code that says why.",
  },
  UNIFIED_PROVIDER_UNAVAILABLE: {
    status: 503,
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider cannot be asked now: it is away, slow, or its limit is used up. What is kept can still be read, without `live`.",
  },
  UNIFIED_OUTCOME_UNKNOWN: {
    status: 502,
    class: "outcome-unknown",
    retry: "never",
    meaning:
      "The write was sent and its answer is lost, and the provider offers no way to find out. Look there before you write it again, under a new key.",
  },
} as const satisfies ErrorTable;
