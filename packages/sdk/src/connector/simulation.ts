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
  /** What the provider works out at every change, above what is sent: a time of change, a list of names turned into objects. */
  readonly computed?: (now: Date, record: RecordContext, fields: Fields) => Fields;
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
  /** The body of an error answer for which the error table gives no example. Default: `{ error, description }`. */
  readonly errorBody?: (failure: Failure) => unknown;
  /** The way back of the operations' own `request` code: a request as the declaration alone would have made it. */
  readonly request?: (request: SimulatedRequest) => SimulatedRequest;
  /** The way back of the operations' own `response` code: an answer as the provider words it. */
  readonly response?: (answer: SimulatedAnswer, request: SimulatedRequest) => SimulatedAnswer;
}
