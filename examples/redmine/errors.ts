import type { ErrorRow } from "@belay/sdk";

/** What Redmine's error answers mean. Most have no body. @see https://www.redmine.org/projects/redmine/wiki/Rest_api#Validation-errors */
export const errors = [
  {
    status: 401,
    code: "REDMINE_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The API key is wrong or was reset, or the REST API is switched off in Redmine's settings.",
    answers: ["unauthorized"],
    example: "",
  },
  {
    status: 403,
    code: "REDMINE_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The user of this key has no permission for it in this project. Give the user a role that has.",
    answers: ["forbidden"],
    example: "",
  },
  {
    status: 404,
    code: "REDMINE_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such record.",
    answers: ["not-found", "unknown-route", "method-not-allowed"],
    example: "",
  },
  {
    status: 422,
    contains: "has already been taken",
    code: "REDMINE_TAKEN",
    class: "record-refused",
    retry: "never",
    meaning: "Another project has this identifier. Choose another, or find that project.",
    answers: ["taken"],
    example: { errors: { "@type": "array", error: ["Identifier has already been taken"] } },
  },
  {
    status: 422,
    code: "REDMINE_INVALID",
    class: "record-refused",
    retry: "never",
    meaning: "A field is missing or not valid. Correct what the flow sends and replay the dead letter.",
    answers: ["invalid", "malformed"],
    example: { errors: { "@type": "array", error: ["Subject cannot be blank"] } },
  },
] as const satisfies readonly ErrorRow[];
