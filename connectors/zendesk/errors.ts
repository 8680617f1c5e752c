import type { ErrorRow } from "@belay/sdk";

/**
 * What Zendesk's error answers mean. The body is JSON with `error` and `description`, sometimes plain text.
 *
 * @see https://developer.zendesk.com/api-reference/introduction/requests/#400-range
 * @see https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency
 */
export const errors = [
  {
    status: 422,
    contains: "RecordInvalid",
    code: "ZENDESK_RECORD_INVALID",
    class: "record-refused",
    retry: "never",
    meaning:
      "A field has a value that this Zendesk account does not accept, or the ticket is closed. `details` in the answer names the field: correct the mapping or the field's rules, then run the dead letter again.",
  },
  {
    status: 422,
    code: "ZENDESK_UNPROCESSABLE",
    class: "record-refused",
    retry: "never",
    meaning:
      "Zendesk understood the request and refuses it. Its description says why; correct the mapping, then run the dead letter again.",
  },
  {
    status: 400,
    contains: "IdempotentRequestError",
    code: "ZENDESK_IDEMPOTENCY_KEY_REUSED",
    class: "flow-mistake",
    retry: "never",
    meaning:
      "The idempotency key was used before with another body: the flow's input changed between two attempts. Make the step that builds the ticket give the same result each time.",
  },
  {
    status: 409,
    code: "ZENDESK_CONFLICT",
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The ticket was being changed by somebody else at the same moment. The write is tried again.",
  },
  {
    status: 401,
    code: "ZENDESK_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning:
      "The credential was not accepted. Use `{email}/token` as user name and an active API token as password, and see that token access is switched on in the Admin Center.",
  },
  {
    status: 403,
    code: "ZENDESK_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The agent behind the credential may not do this. Give its role access to the tickets, or use another agent.",
  },
  {
    status: 404,
    code: "ZENDESK_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such ticket: it was deleted or merged away, or the subdomain is wrong.",
  },
  {
    status: 429,
    code: "ZENDESK_RATE_LIMITED",
    class: "rate-limit",
    retry: "backoff",
    meaning:
      "A limit of the account or of ticket updates is used up. `Retry-After` says when to come back; set the connection's limit to that of its plan if this repeats.",
  },
] as const satisfies readonly ErrorRow[];
