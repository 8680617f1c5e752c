import type { ErrorRow } from "@belay/sdk";

/**
 * What Stripe's error answers mean. The body is JSON with `error`, which has a `type` and often a `code`, a `param` and a `message`.
 *
 * @see https://docs.stripe.com/api/errors
 * @see https://docs.stripe.com/error-low-level
 * @see https://docs.stripe.com/rate-limits
 */
export const errors = [
  {
    status: 400,
    contains: "idempotency_error",
    code: "STRIPE_IDEMPOTENCY_KEY_REUSED",
    class: "flow-mistake",
    retry: "never",
    meaning:
      "The idempotency key was used before with other parameters: the flow's input changed between two attempts. Make the step that builds the request give the same result each time.",
    answers: ["key-reused"],
    example: {
      error: {
        type: "idempotency_error",
        message: "Keys for idempotent requests can only be used with the same parameters they were first used with.",
      },
    },
  },
  {
    status: 400,
    code: "STRIPE_REQUEST_INVALID",
    class: "record-refused",
    retry: "never",
    meaning: "Stripe does not accept a parameter. `param` in the answer names it: correct the mapping, then run the dead letter again.",
    answers: ["invalid", "malformed", "cursor-invalid", "version-unknown", "version-sunset"],
  },
  {
    status: 401,
    code: "STRIPE_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The API key is wrong, expired or rolled. Set the current one as the connection's credential.",
  },
  {
    status: 402,
    code: "STRIPE_DECLINED",
    class: "record-refused",
    retry: "never",
    meaning: "The request was right and failed all the same, most often because a card was declined.",
  },
  {
    status: 403,
    code: "STRIPE_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The API key may not do this: a restricted key needs the permission to write customers.",
  },
  {
    status: 404,
    contains: "resource_missing",
    code: "STRIPE_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such object for this key: it was never made, belongs to another account, or to the other of live and test mode.",
  },
  {
    status: 409,
    code: "STRIPE_CONFLICT",
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "Another request with the same idempotency key is still running. The write is tried again.",
    answers: ["key-running"],
    example: {
      error: {
        type: "idempotency_error",
        code: "idempotency_key_in_use",
        message: "There is currently another in-progress request using this Idempotent Key.",
      },
    },
  },
  {
    status: 429,
    contains: "lock_timeout",
    code: "STRIPE_LOCKED",
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The object was being changed by another request at the same moment. The write is tried again.",
  },
  {
    status: 429,
    code: "STRIPE_RATE_LIMITED",
    class: "rate-limit",
    retry: "backoff",
    meaning: "The account's limit is used up. Work goes on by itself; a sandbox has a quarter of the limit of live mode.",
    answers: ["limited"],
    example: { error: { type: "invalid_request_error", code: "rate_limit", message: "Request rate limit exceeded." } },
  },
] as const satisfies readonly ErrorRow[];
