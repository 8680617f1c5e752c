import type { ErrorTable } from "@belay/sdk";

/** The provider has judged what it was shown: only somebody's action changes its answer. */
const refused = {
  OAUTH_GRANT_REVOKED: {
    class: "credential-refused",
    retry: "never",
    meaning:
      "The provider no longer honours the grant: it was revoked, has expired, or was never known. The account has to be reconnected.",
  },
  OAUTH_GRANT_REUSED: {
    class: "credential-refused",
    retry: "never",
    meaning:
      "The provider saw a refresh token twice and ended all that came of the consent. The account has to be reconnected; look for a second holder of the token.",
  },
  OAUTH_ACCOUNT_GONE: {
    class: "credential-refused",
    retry: "never",
    meaning: "The provider says that the account is gone, locked or not paid for. Its owner has to see to it, and reconnect it.",
  },
  OAUTH_CREDENTIAL_REFUSED: {
    class: "credential-refused",
    retry: "never",
    meaning: "The provider refuses what was given to log in with: a key, a password or an assertion. Give the right one.",
  },
  OAUTH_CONSENT_DENIED: {
    class: "credential-refused",
    retry: "never",
    meaning: "The user, or a policy of their organisation, did not agree. They can try again, or ask their administrator.",
  },
  OAUTH_SCOPE_REFUSED: {
    class: "permission-missing",
    retry: "never",
    meaning: "The provider does not give one of the scopes that are asked for, to this client or to this account.",
  },
  OAUTH_CLIENT_REFUSED: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The provider refuses your application: its id or every secret in oauthClients is wrong, or it may not do this.",
  },
  OAUTH_REQUEST_REFUSED: {
    class: "connector-mistake",
    retry: "never",
    meaning: "The provider finds the token request itself wrong. Correct the connector's auth; the detail has the provider's code.",
  },
  OAUTH_CALLBACK_INVALID: {
    class: "request-mistake",
    retry: "never",
    meaning: "The answer that the browser brought back does not belong to this request: another state or issuer, or no code. Begin anew.",
  },
  OAUTH_TOKEN_TYPE_UNKNOWN: {
    class: "connector-mistake",
    retry: "never",
    meaning: "The provider gave a token that is bound to a key (DPoP, MAC), which cannot be sent as a bearer.",
  },
} as const satisfies ErrorTable;

/** What was shown is as it was. */
const unavailable = {
  OAUTH_PROVIDER_FAILED: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The token endpoint answered 5xx, or that it cannot now. The grant is as it was.",
  },
  OAUTH_GATEWAY_FAILED: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning:
      "A gateway before the token endpoint answered 502 or 504. The grant is taken to be as it was; if the next attempt is refused, the endpoint had used it up.",
  },
  OAUTH_RATE_LIMITED: { class: "rate-limit", retry: "backoff", meaning: "The token endpoint says that it was asked too often." },
  OAUTH_ANSWER_UNEXPECTED: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The token endpoint said no in a way that says nothing of the grant: another 4xx without a code of OAuth.",
  },
  OAUTH_REDIRECTED: {
    class: "address-wrong",
    retry: "backoff",
    meaning: "The token endpoint answered with a redirect, which is never followed. Correct its URL in the connector.",
  },
  OAUTH_HOST_UNKNOWN: {
    class: "address-wrong",
    retry: "backoff",
    meaning: "The name of the token endpoint's host is not known. Nothing was sent.",
  },
  OAUTH_CONNECT_FAILED: {
    class: "network-failed",
    retry: "backoff",
    meaning: "No connection to the token endpoint came about. Nothing was sent.",
  },
  OAUTH_TLS_FAILED: {
    class: "network-failed",
    retry: "backoff",
    meaning: "No trusted connection to the token endpoint came about. Nothing was sent.",
  },
  OAUTH_ADDRESS_FORBIDDEN: {
    class: "address-wrong",
    retry: "never",
    meaning: "The token endpoint's host is at an address that must not be reached. Nothing was sent.",
  },
} as const satisfies ErrorTable;

/** Bytes left and no readable answer came. */
const unknown = {
  OAUTH_ANSWER_LOST: {
    class: "network-failed",
    retry: "backoff",
    meaning: "The connection to the token endpoint broke after the request had begun to leave. A token for one use may be used up.",
  },
  OAUTH_TIMEOUT: {
    class: "provider-slow",
    retry: "backoff",
    meaning: "The token endpoint did not answer in time. A token for one use may be used up.",
  },
  OAUTH_ANSWER_UNREADABLE: {
    class: "answer-drift",
    retry: "backoff",
    meaning:
      "The token endpoint answered with success, but without a token where one is declared to be. A token for one use may be used up.",
  },
} as const satisfies ErrorTable;

const outcomes = { refused, unavailable, unknown } as const;

export type OAuthOutcomeCode<Kind extends keyof typeof outcomes> = keyof (typeof outcomes)[Kind] & string;

/** All that the OAuth protocol can come to, and what is thrown before it begins. */
export const oauthErrors = {
  ...refused,
  ...unavailable,
  ...unknown,
  OAUTH_CLIENT_MISSING: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The configuration has no client for this connector. Register your application with the provider and add it to oauthClients.",
  },
  OAUTH_DISCOVERY_FAILED: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The issuer did not tell its endpoints, or told those of another issuer.",
  },
  OAUTH_FIELD_INVALID: {
    class: "credential-refused",
    retry: "never",
    meaning: "A field of the credential from which a token is obtained is missing or not as it must be, such as a key that is no PEM.",
  },
  OAUTH_ENDPOINT_MISSING: {
    class: "connector-mistake",
    retry: "never",
    meaning: "The connector's auth neither declares an endpoint that is needed, nor does its issuer tell it.",
  },
  OAUTH_PUSH_FAILED: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider did not take the authorization request that was left with it before the user is sent.",
  },
} as const satisfies ErrorTable;
