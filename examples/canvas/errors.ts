import type { ErrorRow } from "@belay/sdk";

/** What Canvas' error answers mean. */
export const errors = [
  {
    status: 400,
    code: "CANVAS_INVALID",
    class: "record-refused",
    retry: "never",
    meaning: "A field is missing or not valid. Correct what the flow sends and replay the dead letter.",
    answers: ["invalid", "malformed", "taken", "cursor-invalid"],
    example: { errors: { name: [{ attribute: "name", type: "too_long", message: "too_long" }] } },
  },
  {
    status: 401,
    contains: "user not authorized",
    code: "CANVAS_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The token is valid, but its user may not do this. Give the user the role, or connect another user.",
    answers: ["forbidden"],
    example: { status: "unauthorized", errors: [{ message: "user not authorized to perform that action" }] },
  },
  {
    status: 401,
    code: "CANVAS_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The access token is wrong, has expired or was revoked. Connect the account again.",
    answers: ["unauthorized"],
    example: { errors: [{ message: "Invalid access token." }] },
  },
  {
    status: 403,
    contains: "Rate Limit Exceeded",
    code: "CANVAS_THROTTLED",
    class: "rate-limit",
    retry: "backoff",
    meaning: "The quota of this token is used up; it fills again by itself, and work goes on.",
    answers: ["limited"],
    example: "403 Forbidden (Rate Limit Exceeded)",
  },
  {
    status: 404,
    code: "CANVAS_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such record, or this user does not see it.",
    answers: ["not-found", "unknown-route", "method-not-allowed"],
    example: { errors: [{ message: "The specified resource does not exist." }] },
  },
] as const satisfies readonly ErrorRow[];
