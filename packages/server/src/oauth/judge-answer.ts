import type { TokenAuth, TokenErrorRow, TokenFailure } from "@belay/sdk";
import { parseRetryAfter } from "@belay/sdk/http";
import type { OAuthOutcomeCode } from "./errors.ts";
import type { TokenOutcome } from "./outcome.ts";
import { memberAt, readBody, textAt } from "./read-answer.ts";
import { readGrant } from "./read-grant.ts";
import type { ProviderAnswer } from "./send-request.ts";

type Verdict =
  | { readonly kind: "refused"; readonly code: OAuthOutcomeCode<"refused"> }
  | { readonly kind: "unavailable"; readonly code: OAuthOutcomeCode<"unavailable"> };

const verdicts: Readonly<Record<TokenFailure, Verdict>> = {
  grantRevoked: { kind: "refused", code: "OAUTH_GRANT_REVOKED" },
  grantReused: { kind: "refused", code: "OAUTH_GRANT_REUSED" },
  accountGone: { kind: "refused", code: "OAUTH_ACCOUNT_GONE" },
  clientRefused: { kind: "refused", code: "OAUTH_CLIENT_REFUSED" },
  credentialRefused: { kind: "refused", code: "OAUTH_CREDENTIAL_REFUSED" },
  scopeRefused: { kind: "refused", code: "OAUTH_SCOPE_REFUSED" },
  consentDenied: { kind: "refused", code: "OAUTH_CONSENT_DENIED" },
  requestRefused: { kind: "refused", code: "OAUTH_REQUEST_REFUSED" },
  rateLimited: { kind: "unavailable", code: "OAUTH_RATE_LIMITED" },
  unavailable: { kind: "unavailable", code: "OAUTH_PROVIDER_FAILED" },
};

/** Codes of the RFCs, of OpenID Connect, and those that many providers share. A connector's own rows come first. */
const wellKnown: Readonly<Record<string, TokenFailure>> = {
  invalid_grant: "grantRevoked",
  invalid_token: "grantRevoked",
  expired_token: "grantRevoked",
  token_expired: "grantRevoked",
  token_revoked: "grantRevoked",
  invalid_refresh_token: "grantRevoked",
  bad_refresh_token: "grantRevoked",
  interaction_required: "grantRevoked",
  login_required: "grantRevoked",
  consent_required: "grantRevoked",
  account_inactive: "accountGone",
  user_not_found: "accountGone",
  access_denied: "consentDenied",
  invalid_client: "clientRefused",
  unauthorized_client: "clientRefused",
  invalid_client_id: "clientRefused",
  bad_client_secret: "clientRefused",
  incorrect_client_credentials: "clientRefused",
  invalid_scope: "scopeRefused",
  insufficient_scope: "scopeRefused",
  invalid_request: "requestRefused",
  unsupported_grant_type: "requestRefused",
  redirect_uri_mismatch: "requestRefused",
  invalid_redirect_uri: "requestRefused",
  temporarily_unavailable: "unavailable",
  server_error: "unavailable",
  internal_error: "unavailable",
  service_unavailable: "unavailable",
  slow_down: "rateLimited",
  rate_limited: "rateLimited",
  rate_limit_exceeded: "rateLimited",
  ratelimited: "rateLimited",
  too_many_requests: "rateLimited",
};

/** Kinds of tokens that prove nothing without the key that they are bound to. */
const boundTokens = new Set(["dpop", "mac", "pop"]);

/**
 * What an answer of a token endpoint means. Every answer has a meaning: a 5xx never says that a grant has ended, whatever its body says;
 * a success without a token may have used one up; a refusal that says nothing of the grant leaves it as it was.
 *
 * @see RFC 6749, sections 5.1 and 5.2
 */
export function judgeAnswer(auth: TokenAuth, answer: ProviderAnswer, nowMs: number): TokenOutcome {
  const { status } = answer;
  const body = readBody(answer);
  const succeeded = status >= 200 && status < 300;
  const grant = succeeded ? readGrant(auth, answer, body) : undefined;
  if (grant !== undefined && body !== undefined && boundTokens.has(String(body["token_type"]).toLowerCase()))
    return { kind: "refused", code: "OAUTH_TOKEN_TYPE_UNKNOWN", detail: "The provider gave a token that is bound to a key." };
  if (grant !== undefined) return { kind: "granted", grant };
  const code = body && errorCodeOf(auth, body);
  const detail = `The token endpoint answered ${status}${code === undefined ? " without a code" : ` with ${show(code)}`}.`;
  const verdict = verdictOn(auth, answer, code, body);
  if (verdict === undefined) return { kind: "unknown", code: "OAUTH_ANSWER_UNREADABLE", detail };
  if (verdict.kind === "refused") return { ...verdict, detail };
  const retryAfter = answer.headers["retry-after"];
  const afterMs = parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, nowMs);
  return { ...verdict, detail, ...(afterMs !== undefined && { retryAfterMs: afterMs }) };
}

/** What a code means that came by way of the user's browser. */
export function verdictOnCode(auth: TokenAuth, code: string): Extract<TokenOutcome, { kind: "refused" | "unavailable" }> {
  const row = auth.refusals?.rows?.find((one) => one.code === code && one.status === undefined && one.contains === undefined);
  return { ...verdicts[row?.means ?? meaningOf(auth, code, undefined)], detail: `The provider sent the user back with ${show(code)}.` };
}

function verdictOn(
  auth: TokenAuth,
  { status, text }: ProviderAnswer,
  code: string | undefined,
  body: Readonly<Record<string, unknown>> | undefined,
): Verdict | undefined {
  const row = auth.refusals?.rows?.find((one) => fits(one, status, code, text));
  if (row !== undefined) return verdicts[row.means];
  if (status === 429) return verdicts.rateLimited;
  if (status === 502 || status === 504) return { kind: "unavailable", code: "OAUTH_GATEWAY_FAILED" };
  if (status >= 500 || status === 408 || status === 425) return verdicts.unavailable;
  if (status >= 300 && status < 400) return { kind: "unavailable", code: "OAUTH_REDIRECTED" };
  if (code !== undefined) return verdicts[meaningOf(auth, code, body)];
  if (status < 300) return undefined;
  // A login that is refused in words of its own is refused all the same; HTML is somebody's who stands before it.
  const refusesLogin = auth.kind === "session" && body !== undefined && [400, 401, 403, 422].includes(status);
  if (refusesLogin || (status === 401 && auth.kind !== "oauth2")) return verdicts.credentialRefused;
  if (status === 401) return verdicts.clientRefused;
  return { kind: "unavailable", code: "OAUTH_ANSWER_UNEXPECTED" };
}

function fits(row: TokenErrorRow, status: number, code: string | undefined, text: string): boolean {
  return (
    (row.status === undefined || row.status === status) &&
    (row.code === undefined || row.code === code) &&
    (row.contains === undefined || text.includes(row.contains))
  );
}

/** A code that nobody knows is a verdict too; who reads it is the one who can name it in the connector. */
function meaningOf(auth: TokenAuth, code: string, body: Readonly<Record<string, unknown>> | undefined): TokenFailure {
  const meaning = wellKnown[code.toLowerCase()] ?? (auth.kind === "session" ? "credentialRefused" : "requestRefused");
  if (meaning !== "grantRevoked") return meaning;
  // There is no refresh token: it is what was shown to log in with that is refused.
  if (auth.kind !== "oauth2") return "credentialRefused";
  const words = (body && textAt(body, "error_description")) ?? "";
  return /re-?use|replay|already (been )?(used|redeemed)/i.test(words) ? "grantReused" : "grantRevoked";
}

function errorCodeOf(auth: TokenAuth, body: Readonly<Record<string, unknown>>): string | undefined {
  const { at = "error" } = auth.refusals ?? {};
  for (const path of typeof at === "string" ? [at] : at) {
    const found = memberAt(body, path);
    // Some put the code into an object, as Google's and Meta's newer APIs do.
    const inner = typeof found === "object" && found !== null ? codeIn(found as Readonly<Record<string, unknown>>) : found;
    if ((typeof inner === "string" && inner !== "") || typeof inner === "number") return String(inner);
  }
  return undefined;
}

function codeIn(error: Readonly<Record<string, unknown>>): unknown {
  return error["code"] ?? error["status"] ?? error["type"];
}

/** A code is a word; anything longer may be what we sent, said back. */
function show(code: string): string {
  return /^[\w.:-]{1,60}$/.test(code) ? `"${code}"` : "a text of its own";
}
