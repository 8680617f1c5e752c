import type { ErrorRow } from "@belay/sdk";

/** What Parcelo's error answers mean. @see PROVIDER.md, Errors */
export const errors = [
  {
    status: 401,
    code: "PARCELO_UNAUTHORIZED",
    retry: "never",
    meaning: "The key is wrong or was withdrawn. Set the current one as the connection's credential.",
    answers: ["unauthorized"],
    example: { error: { code: "invalid_key", message: "This key is not valid." } },
  },
  {
    status: 404,
    code: "PARCELO_NOT_FOUND",
    retry: "never",
    meaning: "There is no such shipment for this key.",
    answers: ["not-found", "unknown-route", "method-not-allowed"],
    example: { error: { code: "not_found", message: "Nothing was found here." } },
  },
  {
    status: 409,
    contains: "key_in_use",
    code: "PARCELO_KEY_RUNNING",
    retry: "backoff",
    meaning: "The first request with this idempotency key is still running. The write is tried again.",
    answers: ["key-running"],
    example: { error: { code: "key_in_use", message: "The first request is still running." } },
  },
  {
    status: 409,
    code: "PARCELO_KEY_REUSED",
    retry: "never",
    meaning: "The idempotency key was used for another shipment: the flow's input changed between two attempts.",
    answers: ["key-reused"],
    example: { error: { code: "key_reused", message: "This key was used for another shipment." } },
  },
  {
    status: 410,
    code: "PARCELO_VERSION_GONE",
    retry: "never",
    meaning: "Parcelo no longer serves this version of its API. Update the connector.",
    answers: ["version-sunset", "version-unknown"],
    example: { error: { code: "version_gone", message: "This version is no longer served." } },
  },
  {
    status: 422,
    code: "PARCELO_INVALID",
    retry: "never",
    meaning: "Parcelo does not accept a value. Correct the mapping, then run the dead letter again.",
    answers: ["invalid", "malformed", "cursor-invalid", "cursor-expired"],
    example: { error: { code: "invalid_field", message: "A field is not valid." } },
  },
  {
    status: 429,
    code: "PARCELO_RATE_LIMITED",
    retry: "backoff",
    meaning: "The limit of this key is used up. Work goes on by itself.",
    answers: ["limited"],
    example: { error: { code: "rate_limited", message: "Too many requests." } },
  },
] as const satisfies readonly ErrorRow[];
