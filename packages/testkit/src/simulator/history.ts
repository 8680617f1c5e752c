import type { Gate } from "./auth.ts";
import type { Fault } from "./faults.ts";
import type { AccountRequest } from "./read-request.ts";
import type { Write } from "./store.ts";
import type { WireAnswer } from "./wire.ts";

/** One request as the provider lived through it. */
export interface HistoryEntry {
  /** Counts all requests of the simulator in the order in which they came, from 1. */
  readonly sequence: number;
  readonly account: string;
  /** Milliseconds since the epoch, when the request came. */
  readonly at: number;
  readonly method: string;
  /** Path and query without the account. */
  readonly path: string;
  /** In lower case, without what carries the credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What befell the request: drawn, or set by a rule. */
  readonly fault: Fault["kind"];
  /** What it committed, of many the last; undefined where nothing. */
  readonly effect: Write | undefined;
  /** Everything that it committed: of one record at most one write, of many one for each that was taken. */
  readonly effects: readonly Write[];
  /** Undefined while the request runs. `dropped`: the connection ended without an answer. */
  readonly answer: WireAnswer | "dropped" | undefined;
}

/** What is filled in while the request runs. */
export interface MutableEntry extends HistoryEntry {
  fault: Fault["kind"];
  effect: Write | undefined;
  readonly effects: Write[];
  answer: WireAnswer | "dropped" | undefined;
}

/** The entry of a request that has just come, without what proves who sent it. */
export function beginEntry(account: string, sequence: number, at: number, request: AccountRequest, gate: Gate): MutableEntry {
  const query = withoutParameters(request.query, gate.parameters).toString();
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined || gate.headers.includes(name) || name === "authorization" ? [] : [[name, String(value)] as const],
  );
  return {
    sequence,
    account,
    at,
    method: request.method,
    path: query === "" ? request.pathname : `${request.pathname}?${query}`,
    headers: Object.fromEntries(headers),
    body: gate.isOpen(request.pathname) ? withoutSecrets(request.body) : request.body,
    fault: "none",
    effect: undefined,
    effects: [],
    answer: undefined,
  };
}

/** The query without what proves who asks. */
export function withoutParameters(query: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => !names.includes(name)));
}

/** A token request, for the history. */
function withoutSecrets(form: string): string {
  return form.replaceAll(/\b(client_secret|code|code_verifier|refresh_token)=[^&]*/g, "$1=[secret]");
}

/** An answer of the token endpoint, for the history. */
export function withoutTokens({ status, headers, body }: WireAnswer): WireAnswer {
  const { location: _location, ...rest } = headers;
  return { status, headers: rest, body: body.replaceAll(/("(?:access|refresh)_token":)"[^"]*"/g, '$1"[secret]"') };
}
