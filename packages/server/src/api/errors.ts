/** Why a request to the API was refused. */
export const apiErrors = {
  API_UNAUTHORIZED: {
    status: 401,
    retry: "never",
    meaning: "The request has no valid token: send Authorization: Bearer with the admin token.",
  },
  API_REQUEST_INVALID: {
    status: 400,
    retry: "never",
    meaning: "A field of the request is missing or of the wrong shape; the detail names it.",
  },
  API_NOT_FOUND: { status: 404, retry: "never", meaning: "There is nothing at this path, or the thing it names is gone." },
  API_TOKEN_TOO_SHORT: { status: 500, retry: "never", meaning: "The server was started with an admin token that could be guessed." },
  API_UNAVAILABLE: { status: 503, retry: "backoff", meaning: "The database does not answer now; try again." },
  API_FAILED: { status: 500, retry: "backoff", meaning: "The request met an error that nobody foresaw; it is in the log." },
} as const;

export type ApiCode = keyof typeof apiErrors;
