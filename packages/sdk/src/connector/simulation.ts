/** The members of a record or of what is written to one. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * What can be wrong with a request, or with the provider.
 *
 * - `unauthorized`, `forbidden`: no valid credential; a valid one without the scope.
 * - `unknown-route`: the API has no such call; `method-not-allowed`, `not-found`: not on this path, no such record.
 * - `wrong-type`: the body is of another media type; `malformed`: it cannot be read; `invalid`: it does not fit the schema; `taken`: a unique value; `refused`: the record's state
 *   does not allow it.
 * - `key-running`, `key-reused`: the idempotency key.
 * - `cursor-invalid`, `cursor-expired`: where a listing was to go on.
 * - `version-unknown`, `version-sunset`: the API version.
 * - `limited`, `server-error`, `unavailable`.
 */
export type FailureKind =
  | "unauthorized"
  | "forbidden"
  | "unknown-route"
  | "method-not-allowed"
  | "not-found"
  | "wrong-type"
  | "malformed"
  | "invalid"
  | "taken"
  | "refused"
  | "key-running"
  | "key-reused"
  | "cursor-invalid"
  | "cursor-expired"
  | "version-unknown"
  | "version-sunset"
  | "limited"
  | "server-error"
  | "unavailable";

/** What is wrong with one field of what was sent. */
export interface FieldProblem {
  /** Dotted; empty for the body as a whole. */
  readonly path: string;
  /** `unknown`: the API has no such field. `type`: of another type. `value`: not allowed; also where the schema does not tell. */
  readonly is: "missing" | "unknown" | "type" | "value";
}

/** A failure that is to be put in the provider's words. */
export interface Failure {
  readonly kind: FailureKind;
  readonly status: number;
  /** What is wrong, in words. */
  readonly description: string;
  /** What the error table looks for in this body, so that the client can tell which failure it is; undefined where it does not look. */
  readonly marker: string | undefined;
  /** The fields that are wrong, by dotted path. */
  readonly paths: readonly string[];
  /** The same fields, and what is wrong with each. */
  readonly fields: readonly FieldProblem[];
  /** The resource that was asked for, and the id where one was named. */
  readonly resource: string | undefined;
  readonly id: string | undefined;
}

/** A request as it reached the provider. */
export interface ReceivedRequest {
  /** Counts the requests of the simulator, from 1. */
  readonly sequence: number;
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as it was and as it is after a change; `before` is undefined for a creation. */
export interface RecordChange {
  readonly operation: "create" | "update" | "delete";
  readonly before: Fields | undefined;
  readonly after: Fields;
}

/** Which record is meant. */
export interface RecordContext {
  readonly id: string;
  /** Counts the records of its resource and place in the order of creation, from 1. */
  readonly serial: number;
  readonly account: string;
  /** Where it lives, by the placeholders of the resource's path. */
  readonly place: Readonly<Record<string, string>>;
}

/** How the provider behaves with the records of a resource where its schema does not say. Functions run only in the simulator. */
export interface ResourceBehaviour {
  /** Fields of which the provider accepts no value twice; each one of `find.by`. Default: none, so doubles are accepted. */
  readonly unique?: readonly string[];
  /** The status that answers a create. Default 201. */
  readonly createdStatus?: number;
  /** The id of the nth record. Default: 1001, 1002, …, as text where the schema wants a text. */
  readonly id?: (serial: number) => string | number;
  /** What the provider fills in at the creation; what is sent stands above it. */
  readonly defaults?: (now: Date, record: RecordContext) => Fields;
  /**
   * What the provider works out at every change, above what is sent: a time of change, a list of names turned into objects. `before`: the
   * record as the API showed it; undefined at its creation.
   */
  readonly computed?: (now: Date, record: RecordContext, fields: Fields, before?: Fields) => Fields;
  /** What an update makes of the writable fields. Default: those that are sent replace those that were. */
  readonly revised?: (before: Fields, sent: Fields) => Fields;
  /** What stands in the answer for a deleted record beside id and `tombstone`. Default: nothing. */
  readonly deleted?: (before: Fields) => Fields;
  /** What stands in a page beside records and paging. Default: nothing. `path`: that of the listing. */
  readonly page?: (listing: { readonly path: string }) => Fields;
  /** Why the record, as it is, does not take this change; undefined where it does. */
  readonly refuses?: (before: Fields, sent: Fields) => string | undefined;
}

/** A request or an answer on its way between the wire and the simulated provider. */
export interface SimulatedRequest {
  readonly method: string;
  /** Path and query below the account. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface SimulatedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Not yet written in its format. */
  readonly body: unknown;
}

/** The provider's behaviour that its contract does not say. Nothing of it is used by the client. */
export interface Simulation {
  readonly resources?: Readonly<Record<string, ResourceBehaviour>>;
  /** Values of the `Authorization` header that are as good as the declared one. Default: none. */
  readonly authorizations?: (credential: Readonly<Record<string, string>>) => readonly string[];
  /** What is wrong with a request whatever it is about: a header that is missing, parameters that exclude each other. */
  readonly refuses?: (
    request: ReceivedRequest,
  ) => { readonly failure: FailureKind; readonly description: string; readonly paths?: readonly string[] } | undefined;
  /** Headers of every answer. */
  readonly headers?: (request: ReceivedRequest) => Readonly<Record<string, string>>;
  /** Headers of an answer that repeats the one that an idempotency key got before. Default: none. */
  readonly replayHeaders?: Readonly<Record<string, string>>;
  /**
   * Whether reads have an `ETag`, and `If-None-Match` with it is answered by 304, which no limit counts. Default false.
   *
   * @see RFC 9110, section 13.1.2
   */
  readonly etags?: boolean;
  /** Headers of every webhook, beside those that the contract names. Default: none. */
  readonly webhookHeaders?: Readonly<Record<string, string>>;
  /** What an event says of a change to a record, by dotted path, above `causedBy`; undefined takes the member out of the example. By type. */
  readonly events?: Readonly<Record<string, (change: RecordChange) => Readonly<Record<string, unknown>>>>;
  /** The body of an error answer for which the error table gives no example. Default: `{ error, description }`. */
  readonly errorBody?: (failure: Failure) => unknown;
  /** The way back of the operations' own `request` code: a request as the declaration alone would have made it. */
  readonly request?: (request: SimulatedRequest) => SimulatedRequest;
  /** The way back of the operations' own `response` code: an answer as the provider words it. */
  readonly response?: (answer: SimulatedAnswer, request: SimulatedRequest) => SimulatedAnswer;
}
