import type { ErrorRow } from "@belay/sdk";

const seeDocumentation = { error_info: "Please check developers.pipedrive.com for more information about Pipedrive API." };

/** What Pipedrive's error answers mean. @see https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes */
export const errors = [
  {
    status: 400,
    code: "PIPEDRIVE_REQUEST_INVALID",
    class: "record-refused",
    retry: "never",
    meaning: "A field is missing or not valid. Correct what the flow sends and replay the dead letter.",
    answers: ["invalid", "malformed", "cursor-invalid"],
    example: { success: false, error: "Bad request", ...seeDocumentation, data: null, additional_data: null },
  },
  {
    status: 401,
    code: "PIPEDRIVE_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The API token is wrong or was regenerated. Set the current one as the connection's credential.",
    answers: ["unauthorized"],
    example: { success: false, error: "unauthorized access", errorCode: 401, ...seeDocumentation },
  },
  {
    status: 402,
    code: "PIPEDRIVE_ACCOUNT_CLOSED",
    class: "permission-missing",
    retry: "never",
    meaning: "The company's subscription has ended. The customer has to renew it.",
  },
  {
    status: 403,
    code: "PIPEDRIVE_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The user of this token may not do this, or the limit of the account's plan is reached. Give the user the permission.",
    answers: ["forbidden"],
    example: { success: false, error: "Scope and URL mismatch", errorCode: 403, ...seeDocumentation },
  },
  {
    status: 404,
    code: "PIPEDRIVE_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such record, or this user does not see it.",
    answers: ["not-found", "unknown-route", "method-not-allowed", "version-unknown"],
    example: { success: false, error: "Record not found", ...seeDocumentation, data: null, additional_data: null },
  },
  {
    status: 410,
    code: "PIPEDRIVE_GONE",
    class: "connector-mistake",
    retry: "never",
    meaning: "This part of the API was switched off. Move the connector to the version that replaces it.",
    answers: ["version-sunset"],
  },
  {
    status: 429,
    code: "PIPEDRIVE_RATE_LIMITED",
    class: "rate-limit",
    retry: "backoff",
    meaning: "The limit of this token is used up. Work goes on by itself.",
    answers: ["limited"],
    example: { success: false, error: "request over limit", errorCode: 429, ...seeDocumentation },
  },
] as const satisfies readonly ErrorRow[];
