import type { ErrorTable } from "@belay/sdk";

/** Why a request to the API was refused; events of the host application are refused with the codes of webhooks too. */
export const apiErrors = {
  API_UNAUTHORIZED: {
    status: 401,
    class: "request-mistake",
    retry: "never",
    meaning: "The request has no valid token: send Authorization: Bearer with an API key or the admin token.",
  },
  API_REQUEST_INVALID: {
    status: 400,
    class: "request-mistake",
    retry: "never",
    meaning: "A field of the request is missing or of the wrong shape; the detail names it.",
  },
  API_NOT_FOUND: {
    status: 404,
    class: "request-mistake",
    retry: "never",
    meaning: "There is nothing at this path, or the thing it names is gone.",
  },
  API_NOT_REPRODUCIBLE: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "No file can be made of this message that fails alike: no failed attempt of it is kept, or its payload is too long.",
  },
  API_KEY_REUSED: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "The Idempotency-Key was used for another request before; draw a new one for each.",
  },
  API_KEY_IN_USE: {
    status: 409,
    class: "request-mistake",
    retry: "backoff",
    meaning: "The first request with this Idempotency-Key is still being worked on; ask again in a second.",
  },
  API_TOKEN_TOO_SHORT: {
    status: 500,
    class: "configuration-mistake",
    retry: "never",
    meaning: "The server was started with an admin token that could be guessed.",
  },
  API_UNAVAILABLE: { status: 503, class: "installation", retry: "backoff", meaning: "The database does not answer now; try again." },
  API_FAILED: {
    status: 500,
    class: "installation",
    retry: "backoff",
    meaning: "The request met an error that nobody foresaw; it is in the log.",
  },
} as const satisfies ErrorTable;

export type ApiCode = keyof typeof apiErrors;
