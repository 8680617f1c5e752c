import type { ErrorTable } from "@belay/sdk";

/** Why a connection's credential cannot be used now. Codes of the OAuth protocol itself are in `oauth/errors.ts`. */
export const credentialErrors = {
  CREDENTIAL_MISSING: {
    class: "credential-refused",
    retry: "backoff",
    meaning: "Nobody has connected this account yet. What waits for it goes on as soon as somebody does.",
  },
  CREDENTIAL_DISCONNECTED: {
    class: "credential-refused",
    retry: "backoff",
    meaning: "The account was disconnected on purpose; its credential is gone. What waits for it goes on when it is connected again.",
  },
  CREDENTIAL_ANSWER_LOST: {
    class: "credential-refused",
    retry: "backoff",
    meaning:
      "The provider took a refresh token that can be used once, and its answer with the next one never arrived: the process was killed or the connection cut in between. The token was sent once more, in vain. Only a new connection helps.",
  },
  CREDENTIAL_EXPIRED: {
    class: "credential-refused",
    retry: "backoff",
    meaning:
      "The credential has expired, and there is nothing to renew it with: the provider gave no refresh token. Connect the account again.",
  },
  CREDENTIAL_RENEWAL_WAITS: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning:
      "The credential has expired and is being renewed, or will be at the next try; what needs it waits. The account need not be connected again.",
  },
  CREDENTIAL_RENEWAL_FAILED: {
    class: "installation",
    retry: "backoff",
    meaning: "Belay itself failed while it renewed a credential; the log says why. It is tried again.",
  },
} as const satisfies ErrorTable;

export type CredentialErrorCode = keyof typeof credentialErrors;
