import type { ErrorRow } from "@belay/sdk";

/**
 * What HubSpot's error answers mean. The body is JSON with `category` and `message`, that of a 429 names the
 * limit in `policyName`.
 *
 * @see https://developers.hubspot.com/docs/api-reference/error-handling
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export const errors = [
  {
    status: 409,
    code: "HUBSPOT_CONTACT_EXISTS",
    // The next attempt looks before it writes. It finds what an earlier attempt of ours, or another flow a moment ago, has made;
    // "never" would turn each such race into a dead letter. Only a contact with this e-mail address and without our id stays hidden
    // from the read-back: then the attempts run out, which costs a few requests.
    class: "record-refused",
    retry: "backoff",
    meaning:
      "A contact with this e-mail address is there already. The next attempt looks it up first. If this repeats, somebody else made the contact: let the flow find by `email` and update, instead of creating.",
    answers: ["taken"],
    fields: ["email"],
    example: {
      status: "error",
      message: "Contact already exists. Existing ID: 33451",
      correlationId: "2dea5219-07f2-40ce-82ec-9c2e302317a4",
      category: "CONFLICT",
    },
  },
  {
    status: 400,
    contains: "already has that value",
    code: "HUBSPOT_UNIQUE_VALUE_TAKEN",
    // As above: on a create the next attempt finds the contact by exactly this value.
    class: "record-refused",
    retry: "backoff",
    meaning:
      "Another contact holds this value of a unique property, such as `stripe_customer_id`. The next attempt looks it up first. If this repeats on an update, two contacts stand for one customer: merge them in HubSpot.",
    answers: ["taken"],
    example: {
      status: "error",
      message:
        'Property values were not valid: [{"isValid":false,"message":"Another contact already has that value.","error":"CONFLICTING_UNIQUE_VALUE"}]',
      correlationId: "2dea5219-07f2-40ce-82ec-9c2e302317a4",
      category: "VALIDATION_ERROR",
    },
  },
  {
    status: 400,
    contains: "VALIDATION_ERROR",
    code: "HUBSPOT_RECORD_INVALID",
    class: "record-refused",
    retry: "never",
    meaning:
      "HubSpot does not accept a value, for example an e-mail address that is none, or the account lacks a property (`stripe_customer_id`, `stripe_event_created`). The answer names it: correct it at the source, in the mapping or in the account, then run the dead letter again.",
  },
  {
    status: 401,
    code: "HUBSPOT_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "The access token is wrong, expired or revoked. Copy the private app's token again.",
  },
  {
    status: 403,
    code: "HUBSPOT_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The private app lacks a scope: it needs `crm.objects.contacts.read` and `crm.objects.contacts.write`.",
  },
  {
    status: 404,
    code: "HUBSPOT_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning: "There is no such contact: it was deleted, or merged into another.",
  },
  {
    status: 423,
    code: "HUBSPOT_LOCKED",
    class: "provider-unavailable",
    retry: { afterMs: 2_000 },
    meaning: "HubSpot holds the record locked while it processes much at once. It asks for a pause of at least 2 seconds.",
  },
  // A 429 without a known policy falls to Belay's own table.
  {
    status: 429,
    contains: "TEN_SECONDLY_ROLLING",
    code: "HUBSPOT_RATE_LIMITED",
    // HubSpot sends no Retry-After with it; after 10 seconds the window has passed.
    class: "rate-limit",
    retry: { afterMs: 10_000 },
    meaning:
      "Too many requests within 10 seconds with this token. Work goes on by itself; set the connection's limit to that of its plan if this repeats.",
  },
  {
    status: 429,
    contains: "DAILY",
    code: "HUBSPOT_DAILY_LIMIT",
    class: "rate-limit",
    retry: { afterMs: 3_600_000 },
    meaning:
      "The account's requests for today are used up; they start anew at midnight of the account's time zone. Work goes on by itself, tried once an hour; buy the API add-on if this repeats.",
  },
] as const satisfies readonly ErrorRow[];
