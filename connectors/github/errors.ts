import type { ErrorRow } from "@belay/sdk";

const guide = "https://docs.github.com/rest";

/**
 * What GitHub's error answers mean. The body is JSON with `message` and `documentation_url`, and with `errors` where fields are wrong.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export const errors = [
  {
    status: 401,
    contains: "Bad credentials",
    code: "GITHUB_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The token is wrong, expired or revoked. Make a new one and set it as the connection's credential.",
    answers: ["unauthorized"],
    example: { message: "Bad credentials", documentation_url: guide, status: "401" },
  },
  {
    status: 403,
    contains: "rate limit",
    code: "GITHUB_RATE_LIMITED",
    class: "rate-limit",
    retry: "backoff",
    meaning:
      "The token's hourly limit or one of GitHub's secondary limits is used up. Work goes on by itself when the limit is reset; spread the work over several installations of a GitHub App if this repeats.",
    answers: ["limited"],
    example: {
      message: "API rate limit exceeded for user ID 583231.",
      documentation_url: `${guide}/overview/rate-limits-for-the-rest-api`,
      status: "403",
    },
  },
  {
    status: 429,
    code: "GITHUB_TOO_MANY_REQUESTS",
    class: "rate-limit",
    retry: "backoff",
    meaning: "One of GitHub's limits is used up; GitHub answers 403 or 429 with it. Work goes on by itself when the limit is reset.",
  },
  {
    status: 403,
    code: "GITHUB_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The token may not do this: it needs the permission `issues` (read and write) for this repository.",
    answers: ["forbidden"],
    example: { message: "Resource not accessible by personal access token", documentation_url: guide, status: "403" },
  },
  {
    status: 404,
    code: "GITHUB_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such repository or issue, or the token may not see it: GitHub does not tell which.",
    answers: ["not-found", "unknown-route", "method-not-allowed"],
    example: { message: "Not Found", documentation_url: guide, status: "404" },
  },
  {
    status: 410,
    code: "GITHUB_GONE",
    class: "record-refused",
    retry: "never",
    meaning: "Issues are disabled in this repository, or the issue was deleted or moved.",
  },
  {
    status: 422,
    code: "GITHUB_VALIDATION_FAILED",
    class: "record-refused",
    retry: "never",
    meaning: "GitHub refuses a value. `errors` in the answer names the field: correct the mapping, then run the dead letter again.",
  },
  {
    status: 400,
    code: "GITHUB_BAD_REQUEST",
    class: "connector-mistake",
    retry: "never",
    meaning: "GitHub could not read the request, or does not know the API version that it names.",
    answers: ["malformed", "version-unknown", "version-sunset"],
  },
] as const satisfies readonly ErrorRow[];
