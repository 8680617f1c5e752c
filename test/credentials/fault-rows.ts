import type { FailureClass } from "@belay/sdk";
import type { CredentialHealth } from "../../packages/server/src/credentials/index.ts";
import type { Consent, OAuthServer, TokenFault } from "../oauth/start-oauth-server.ts";

/** A fault of a renewal, how it is brought about, and what has to come of it. */
export interface FaultRow {
  readonly fault: string;
  readonly injected: string;
  /** Befalls the request before the server has judged, or its answer. */
  readonly before?: TokenFault | "hold";
  readonly after?: TokenFault;
  /** Whatever else has to be done at the provider. */
  readonly prepare?: (server: OAuthServer, consent: Consent) => Promise<void> | void;
  /** The name of the token endpoint's host is not known. */
  readonly nameless?: true;
  /** Whose it is, where the credential is usable all the same. */
  readonly class?: FailureClass;
  readonly expects: { readonly state: CredentialHealth["state"]; readonly code: string | null; readonly event: string };
}

const json = { "content-type": "application/json" };
const answer = (members: object, headers: Readonly<Record<string, string>> = {}): TokenFault => ({
  status: 200,
  body: JSON.stringify({ token_type: "bearer", access_token: "a-new-one", refresh_token: "the-next-one", ...members }),
  headers: { ...json, ...headers },
});
const away = (code: string): FaultRow["expects"] => ({ state: "provider_unavailable", code, event: `credential.refresh-failed ${code}` });
const ended = (code: string): FaultRow["expects"] => ({ state: "needs_reconnect", code, event: `connection.needs-reconnect ${code}` });
const renewed = { state: "connected", code: null, event: "credential.refreshed" } as const;

export const faultRows: readonly FaultRow[] = [
  {
    fault: "revoked",
    injected: "the user ends the grant at the provider",
    prepare: (server, { grantId }) => server.revoke(grantId),
    expects: ended("OAUTH_GRANT_REVOKED"),
  },
  {
    fault: "`invalid_client`",
    injected: "the client's secret is another one from now on",
    prepare: (server) => server.changeSecret("another"),
    expects: { state: "misconfigured", code: "OAUTH_CLIENT_REFUSED", event: "credential.refresh-failed OAUTH_CLIENT_REFUSED" },
  },
  {
    fault: "500s",
    injected: "the token endpoint answers 500",
    before: { status: 500, body: "oops" },
    expects: away("OAUTH_PROVIDER_FAILED"),
  },
  { fault: "time-out", injected: "the token endpoint does not answer", before: "hold", expects: away("OAUTH_TIMEOUT") },
  {
    fault: "connection cut",
    injected: "the connection ends after the provider has judged",
    after: "cut",
    expects: away("OAUTH_ANSWER_LOST"),
  },
  {
    fault: "DNS failure",
    injected: "the name of the token endpoint's host is not known",
    nameless: true,
    expects: away("OAUTH_HOST_UNKNOWN"),
  },
  {
    fault: "200 with error",
    injected: 'the token endpoint answers 200 with `{"error":"invalid_grant"}`',
    before: { status: 200, body: '{"error":"invalid_grant"}', headers: json },
    expects: ended("OAUTH_GRANT_REVOKED"),
  },
  {
    fault: "HTML instead of JSON",
    injected: "a web page of maintenance comes with status 200",
    before: { status: 200, body: "<!doctype html><title>Back soon</title>", headers: { "content-type": "text/html" } },
    expects: away("OAUTH_ANSWER_UNREADABLE"),
  },
  { fault: "missing `expires_in`", injected: "the answer does not tell how long the token holds", after: answer({}), expects: renewed },
  {
    fault: "clock skew of 10 minutes",
    injected: "the provider's clock is 10 minutes behind ours",
    after: answer({ expires_in: 3_600 }, { date: new Date(Date.now() - 600_000).toUTCString() }),
    expects: renewed,
  },
  {
    fault: "scope reduced",
    injected: "the answer grants `contacts.read` only",
    after: answer({ expires_in: 3_600, scope: "contacts.read" }),
    class: "permission-missing",
    expects: { ...renewed, event: "credential.scopes-reduced" },
  },
  {
    fault: "account removed",
    injected: "the token endpoint says that the account is gone, in the words that its connector declares",
    before: { status: 403, body: '{"error":"account_inactive"}', headers: json },
    expects: ended("OAUTH_ACCOUNT_GONE"),
  },
];
