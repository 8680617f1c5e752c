/** A request as it comes over the wire. Where the wire is, a socket or a function call, makes no difference to the provider. */
export interface WireRequest {
  readonly method: string;
  /** Scheme, host and port as the client sees them; next links are made from it. */
  readonly origin: string;
  /** Path and query, starting with the account: `/acme/api/v2/tickets?page=2`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Headers;
  /** Empty where the request has none. */
  readonly body: string;
  /** The same as it came, for what is no UTF-8. */
  readonly bytes?: Uint8Array;
}

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a client sees: an answer, or a connection that ends without one. */
export type WireOutcome = { readonly kind: "answer"; readonly answer: WireAnswer } | { readonly kind: "drop" };

/** Serves one request. `clientGone` is asked for only where an answer is held back. */
export type Exchange = (request: WireRequest, clientGone: () => AbortSignal) => Promise<WireOutcome>;

/** A header's single value; the first where it is repeated. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}
