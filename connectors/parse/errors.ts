import type { ErrorRow } from "@belay/sdk";

/**
 * What Parse's error answers mean: `{ "code": 209, "error": "…" }`. Most have the status 400, whatever is wrong.
 *
 * @see https://docs.parseplatform.org/rest/guide/#error-codes
 */
export const errors = [
  {
    status: 400,
    contains: '"code":209',
    code: "PARSE_SESSION_ENDED",
    class: "credential-refused",
    // A session that ends within seconds of its login is not followed by another login at once, so the call may meet this a second time.
    retry: "backoff",
    meaning: "The session has ended, or was ended by a log-out. Belay logs in again by itself, and tries again.",
    answers: ["unauthorized"],
    example: { code: 209, error: "Invalid session token" },
  },
  {
    status: 404,
    contains: '"code":101',
    code: "PARSE_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such object, or the user may not see it: its access control list does not name them.",
    answers: ["not-found"],
    example: { code: 101, error: "Object not found." },
  },
  {
    status: 400,
    contains: '"code":137',
    code: "PARSE_VALUE_TAKEN",
    class: "record-refused",
    // The next attempt looks before it writes, and finds what an earlier one has made.
    retry: "backoff",
    meaning: "Another object has this value of a field that the database keeps unique. The next attempt looks it up first.",
    answers: ["taken"],
    example: { code: 137, error: "A duplicate value for a field with unique values was provided" },
  },
  {
    status: 400,
    contains: '"code":111',
    code: "PARSE_TYPE_MISMATCH",
    class: "record-refused",
    retry: "never",
    meaning: "The class has a field of this name with another type. Change the type in the class's schema, or the mapping.",
    answers: ["invalid"],
    example: { code: 111, error: "schema mismatch for Contact.phone; expected Number but got String" },
  },
  {
    status: 400,
    contains: '"code":119',
    code: "PARSE_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The class's permissions do not let this user do it. Give the user's role the right in the class's permissions.",
    answers: ["forbidden"],
    example: { code: 119, error: "Permission denied for action find on class Contact." },
  },
  {
    status: 403,
    code: "PARSE_APPLICATION_UNKNOWN",
    class: "credential-refused",
    retry: "never",
    meaning: "The application ID is not the server's, or the address is not allowed to call it. Compare it with the server's appId.",
  },
  {
    status: 400,
    contains: '"code":155',
    code: "PARSE_RATE_LIMITED",
    class: "rate-limit",
    retry: { afterMs: 10_000 },
    throttled: true,
    meaning: "Too many requests for what the server allows. Work goes on by itself; set the connection's limits if this repeats.",
    answers: ["limited"],
    example: { code: 155, error: "Too many requests." },
  },
] as const satisfies readonly ErrorRow[];
