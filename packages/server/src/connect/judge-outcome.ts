import type { TokenOutcome } from "../oauth/index.ts";
import type { Notice } from "./notices.ts";
import type { Trial } from "./try-credential.ts";

type Refusal = Exclude<TokenOutcome, { readonly kind: "granted" }>;

/** What a person is told when no grant came about. */
export function noticeOfOutcome({ kind, code }: Refusal): Notice {
  if (kind !== "refused") return "provider-unavailable";
  switch (code) {
    case "OAUTH_CONSENT_DENIED":
      return "declined";
    case "OAUTH_CALLBACK_INVALID":
    case "OAUTH_GRANT_REVOKED":
    case "OAUTH_GRANT_REUSED":
      return "way-back-lost";
    case "OAUTH_CREDENTIAL_REFUSED":
    case "OAUTH_ACCOUNT_GONE":
      return "key-refused";
    default:
      return "client-refused";
  }
}

/** What a person is told when the first call did not work; undefined when it did, or none could be made. */
export function noticeOfTrial(trial: Trial): Notice | undefined {
  if (trial.kind !== "failed") return undefined;
  switch (trial.class) {
    case "credential-refused":
      return "key-refused";
    case "permission-missing":
      return "permission-missing";
    case "address-wrong":
      return "address-wrong";
    case "provider-unavailable":
    case "provider-slow":
    case "network-failed":
    case "rate-limit":
      return "provider-unavailable";
    default:
      return "failed";
  }
}
