import type { ErrorTable } from "@belay/sdk";

/** Why a webhook was not taken in. The status is the HTTP answer; the provider sees code and detail. */
export const ingressErrors = {
  INGRESS_ENDPOINT_UNKNOWN: {
    status: 404,
    class: "configuration-mistake",
    retry: "never",
    meaning: "No connection receives webhooks at this URL; copy the ingest URL of the connection again.",
  },
  INGRESS_SIGNATURE_WRONG: {
    status: 401,
    class: "webhook-not-believed",
    retry: "never",
    meaning: "The signature does not match the raw body under any secret of the connection.",
  },
  INGRESS_BODY_TOO_LARGE: { status: 413, class: "event-drift", retry: "never", meaning: "The body is larger than the connector accepts." },
  INGRESS_TYPE_UNSUPPORTED: {
    status: 415,
    class: "event-drift",
    retry: "never",
    meaning: "The body is not JSON; set the webhook's content type to application/json.",
  },
  INGRESS_BODY_INVALID: {
    status: 422,
    class: "event-drift",
    retry: "never",
    meaning: "The body is empty, not UTF-8, not JSON or nested too deeply.",
  },
  INGRESS_KEY_INVALID: {
    status: 422,
    class: "event-drift",
    retry: "never",
    meaning: "The event's id or type is missing, too long, or holds characters that no id has.",
  },
  INGRESS_EVENT_UNKNOWN: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "The host application emitted an event of a type that `events` of the configuration does not declare.",
  },
  INGRESS_REFUSED: {
    status: 422,
    class: "event-drift",
    retry: "never",
    meaning: "The database refused the event itself; nothing of it was stored.",
  },
  INGRESS_BUSY: {
    status: 429,
    class: "overload",
    retry: "backoff",
    meaning: "This endpoint has more events waiting to be stored than its share; send again later.",
  },
  INGRESS_TENANT_BACKLOG_FULL: {
    status: 429,
    class: "overload",
    retry: "backoff",
    meaning: "As much waits for this tenant as may wait, or it has waited for too long; send again later. `belay backlog` shows it.",
  },
  INGRESS_BACKLOG_FULL: {
    status: 503,
    class: "overload",
    retry: "backoff",
    meaning: "As much waits in this installation as may wait; send again later.",
  },
  INGRESS_MEMORY_FULL: {
    status: 503,
    class: "overload",
    retry: "backoff",
    meaning: "The bodies of the requests that arrive now fill the memory that they may take; send again.",
  },
  INGRESS_UNAVAILABLE: {
    status: 503,
    class: "installation",
    retry: "backoff",
    meaning: "The event could not be stored now; send it again.",
  },
} as const satisfies ErrorTable;

export type IngressCode = keyof typeof ingressErrors;

/** Why a believed event waits for a person instead of running. */
export const quarantineErrors = {
  CONTRACT_PAYLOAD_INVALID: {
    class: "event-drift",
    retry: "never",
    meaning: "The payload does not fit the schema of its event: the provider's contract has drifted, or the schema is too narrow.",
  },
  CONTRACT_KEY_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "The flow's orderKey or version could not be read from the payload.",
  },
} as const satisfies ErrorTable;
