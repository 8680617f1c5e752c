import type { Auth } from "../auth/kinds.ts";
import type { Duration } from "../duration.ts";
import type { Retry } from "../errors/belay-error.ts";
import type { FailureClass } from "../errors/failure-classes.ts";
import type { DeclaredBodies } from "../formats/index.ts";
import type { UnifiedMapping } from "../models/mapping-types.ts";
import type { Schema } from "../schema/index.ts";
import type { WebhookScheme } from "../webhook/scheme.ts";
import type { BulkOperation, UpsertManyOperation } from "./bulk.ts";
import type { Changes } from "./changes.ts";
import type { Limit } from "./limit.ts";
import type { ListOperation } from "./listing.ts";
import type { OperationOptions } from "./operation.ts";
import type { AnyReferences } from "./references.ts";
import type { FailureKind, Simulation } from "./simulation.ts";

export type { Lane, Limit, LimitHeaders, LimitScope } from "./limit.ts";

/** What keeps a repeated write from becoming a second effect at the provider. */
export type WriteSafety =
  /**
   * The provider remembers the key for `keptFor` and answers a repeat with the first result.
   * After that time an unknown outcome is resolved by `readBack`, if declared.
   */
  | { readonly kind: "key"; readonly header: string; readonly keptFor: Duration; readonly readBack?: ReadBack }
  /** The provider knows no key: before a write is repeated, the record is looked for. */
  | { readonly kind: "readBack"; readonly readBack: ReadBack }
  /** Repeating the request has the same effect by its nature (a PUT of the whole state). */
  | { readonly kind: "natural" }
  /**
   * The provider knows no key and has no way to look the record up. It is sent once: when the outcome stays unknown, every later
   * attempt refuses with `HTTP_OUTCOME_UNKNOWN`, for a person to look.
   */
  | { readonly kind: "once" };

export interface ReadBack {
  /** The unique field of the input by which the record is found again; must be one of the resource's `find.by`. */
  readonly by: string;
  /** How far the provider's look-up may lag behind its writes. Default: no lag. */
  readonly lag?: Duration;
}

/** Where a find puts its field. */
export type FindStyle =
  /** `GET {path}?{field}={value}`, answered by a list. */
  | { readonly kind: "query" }
  /**
   * The record's path with the value in place of the id, answered by one record or 404: `GET {path}/{value}?{parameter}={field}`. Without
   * `parameter` the provider takes the value as it takes an id: `/projects/website` is `/projects/7`.
   */
  | { readonly kind: "path"; readonly parameter?: string };

export interface CreateOperation<Input> extends OperationOptions {
  readonly input: Schema<Input>;
  readonly safety: WriteSafety;
}

export interface UpdateOperation<Input> extends OperationOptions {
  readonly input: Schema<Input>;
  readonly method: "PUT" | "PATCH" | "POST";
  readonly safety: WriteSafety;
  /**
   * What the provider answers: the changed record, or nothing of use, such as 204 without a body. With `nothing` the client's `update`
   * gives nothing either: who needs the record gets it. Default `record`.
   */
  readonly returns?: "record" | "nothing";
  /**
   * The provider takes nothing but whole records. The client then reads the record, lays what is changed over it, and writes that on condition
   * (`If-Match`) that it is still the one that was read; when it is not, it does so again, three times at most. `version`: the field of the
   * record that names its state, an entity tag. An input with that field of its own is written on condition of that very state, or refused by
   * the provider. Needs `get`. Default: the provider changes what it is sent, and keeps the rest.
   *
   * @see RFC 9110, section 13.1.1
   */
  readonly whole?: { readonly version: string };
}

/** How the record to be read back is found again; undefined where it cannot be. */
export function readBackOf(safety: WriteSafety): ReadBack | undefined {
  return safety.kind === "key" || safety.kind === "readBack" ? safety.readBack : undefined;
}

/** What stands around records. */
export interface Wrap {
  /** Around one record, in answers. Default: nothing. */
  readonly one?: string;
  /** Around a list of records. Default: nothing. */
  readonly many?: string;
  /** Around what is written. Default: what `one` says. */
  readonly sent?: string | false;
}

/** The member around what is written; undefined: none. */
export function wrapOfSent({ wrap }: Pick<Resource, "wrap">): string | undefined {
  if (wrap?.sent === false) return undefined;
  return wrap?.sent ?? wrap?.one;
}

/**
 * One kind of record at the provider, as data. The same declaration drives the typed client and the simulator.
 * Only declared operations exist on the client.
 */
export interface Resource {
  /**
   * Below the connector's base URL, such as `/api/v2/tickets`. Placeholders, `/repos/{owner}/{repo}/issues`, say where the records
   * live; the client asks for them by `in({ owner, repo })`.
   */
  readonly path: string;
  /**
   * The path of one record, with `{id}`, where it is not `{path}/{id}`: `/issues/{id}.xml`, or `/courses/{id}` beside a path of
   * `/accounts/{account_id}/courses`. One that has none of the path's placeholders is reached without `in`: `client.course.get(7)`.
   */
  readonly recordPath?: string;
  /** The field of the record that holds its id. */
  readonly id: string;
  /** What a record looks like; answers are validated against it. */
  readonly schema: Schema;
  /**
   * The member around a record, and around a list of records, where the provider uses one. In XML `one` is the root element and `many` the
   * dotted path to the elements, `invoices.invoice`. What is written has the same around it as what is answered; where it does not,
   * `sent` names its member, or is false for none.
   */
  readonly wrap?: Wrap;
  /** The member of a record that holds the writable fields (HubSpot: `properties`); default: the record itself. */
  readonly fieldsIn?: string;
  /** Fields that hold the id of another resource's record: `{ organization_id: "organization" }`. */
  readonly references?: Readonly<Record<string, string>>;
  /**
   * What people call a record by besides its id, by kind, as dotted paths into it: `{ email: "properties.email" }`. Messages that created one are found by it, and by its id.
   * Default: only by its id.
   */
  readonly knownBy?: Readonly<Record<string, string>>;
  /** Scopes of `oauth2` that reading and writing need, all of them. Default: none. */
  readonly scopes?: { readonly read?: readonly string[]; readonly write?: readonly string[] };
  readonly create?: CreateOperation<unknown>;
  readonly get?: OperationOptions;
  readonly update?: UpdateOperation<unknown>;
  /** Creates many records by one call; their input is that of `create`. */
  readonly createMany?: BulkOperation;
  /** Changes many records by one call; their input is that of `update`. */
  readonly updateMany?: BulkOperation;
  /** Creates or changes many records by one call. */
  readonly upsertMany?: UpsertManyOperation<unknown>;
  /**
   * The member that is true in what the provider answers for a deleted record (Stripe: `deleted`), and to the delete itself. The client
   * takes such an answer for no record. Default: the provider answers 404, and 204 to the delete.
   */
  readonly tombstone?: string;
  /** `DELETE {path}/{id}`. */
  readonly delete?: OperationOptions;
  readonly find?: OperationOptions & { readonly by: readonly string[]; readonly style: FindStyle };
  readonly list?: ListOperation;
  /** How one learns what has changed since the last time. Default: not at all, so everything is read each time. */
  readonly changes?: Changes;
  /** How bodies are written; operations may differ. Default: as the connector says. */
  readonly bodies?: DeclaredBodies;
  /**
   * Fields that tell of a person, by dotted path: `["email", "address.city"]`. All that is below one counts. What Belay writes down of requests and answers holds tokens
   * in their place. Default: none but what looks like an e-mail address or a phone number.
   */
  readonly personal?: readonly string[];
  /** Query parameters of every get, find and list, where the provider answers with too little unasked (HubSpot: `properties`). */
  readonly query?: Readonly<Record<string, string>>;
}

/** How an error answer of the provider is to be read. The first matching row wins; unmatched answers fall to Belay's own table. */
export interface ErrorRow {
  /** A 2xx, with `contains`, is for providers that hide errors in successes. */
  readonly status: number;
  /** A text that the body must contain. */
  readonly contains?: string;
  /** Stable code, prefixed by the connector: `ZENDESK_RECORD_INVALID`. */
  readonly code: string;
  /**
   * What kind of failure it is: who has to act, and what is told to whom. After one of `credential-refused` the credential is renewed, where it can be, and the call is made
   * once more. @see docs/failures.md
   */
  readonly class: FailureClass;
  readonly retry: Retry;
  /**
   * The answer refuses a request too many, whatever its status: everybody who shares the limit waits, for its `Retry-After`, else for `retry.afterMs`, else for the reset in the
   * limit's headers. Default false.
   */
  readonly throttled?: boolean;
  /** What it means and what to do about it. */
  readonly meaning: string;
  /** The failures that the provider answers in this way. Default: those of the same status that may, or may not, succeed later. */
  readonly answers?: readonly FailureKind[];
  /** Of `answers`, only failures of one of these fields, by dotted path. Default: of any. */
  readonly fields?: readonly string[];
  /** A body as the provider sends it, redacted; it must have the text of `contains`. */
  readonly example?: unknown;
}

/** Where a fact about a webhook is found: in a header, or in the JSON body by dotted path. */
export type Locator = { readonly header: string } | { readonly body: string };

/** How a provider sends an event again that was not acknowledged by a 2xx in time. */
export interface WebhookRetries {
  /** How long the provider waits for an answer; a later one counts as none. */
  readonly timeout: Duration;
  /** The pauses before the second, third, … attempt. Empty where the provider gives up after the first (GitHub). */
  readonly pauses: readonly Duration[];
}

/** What an event tells of, and which writes at the provider cause it. */
export interface EventSubject {
  /** Where in the payload the thing stands, by dotted path: `issue`, `data.object`. */
  readonly path: string;
  /** Its fields that differ from thing to thing, the id first: `["id", "number"]`. */
  readonly keys: readonly string[];
  /** The resource whose record it is. Default: none that the connector declares. */
  readonly resource?: string;
  /**
   * Where the payload says in which place the record lives, by dotted path, written with the placeholders of the resource's path:
   * `{ "repository.full_name": "{owner}/{repo}" }`; the longest text first. Default: nowhere.
   */
  readonly place?: Readonly<Record<string, string>>;
  /**
   * The changes that cause the event, each with what the payload then says elsewhere, by dotted path:
   * `{ create: { action: "opened" }, update: { action: "edited" } }`. Default: any change, and the payload says nothing of it.
   */
  readonly causedBy?: Readonly<Partial<Record<"create" | "update" | "delete", Readonly<Record<string, unknown>>>>>;
}

export interface Webhooks {
  readonly scheme: WebhookScheme;
  /** Largest accepted body in bytes. */
  readonly maxBytes: number;
  /**
   * The provider's id of the event, by which repeated deliveries are known. `signed: false` says that the signature does not
   * cover it; then the body's digest is a second key, so that a captured delivery under a new id is still known. `digest`: the provider
   * gives its events no id, so the SHA-256 digest of the body stands for one; two events must then never have the same body.
   */
  readonly id: (Locator & { readonly signed: boolean }) | "digest";
  readonly type: Locator;
  /** How long a repeated delivery may come; ids are remembered so long. Default 7 days. */
  readonly redeliveredFor?: Duration;
  /** Every event type Belay understands, with the schema of its payload. Others are acknowledged and ignored. */
  readonly events: Readonly<Record<string, Schema>>;
  /** Fields of the payload that tell of a person, by type, then by dotted path; as in `Resource.personal`. */
  readonly personal?: Readonly<Record<string, readonly string[]>>;
  /** How the provider sends again. Default: 10 s of patience and no second attempt. */
  readonly retries?: WebhookRetries;
  /** What the events tell of, by type. Default: nothing that other events tell of too. */
  readonly subjects?: Readonly<Record<string, EventSubject>>;
  /**
   * What identifies a thing in people's words, by event type and kind: `{ "order.paid": { email: "customer.email", order: "order.number" } }`. Messages are found by it; only keyed
   * hashes are kept. The kinds `email` and `phone` are compared as such. Default: nothing.
   */
  readonly references?: Readonly<Record<string, AnyReferences>>;
  /**
   * A payload as the provider sends it, redacted, by type; loaded only where events are simulated. Default: none, so payloads are made
   * up from the schema.
   */
  readonly examples?: Readonly<Record<string, () => Promise<unknown>>>;
}

/** The versions of an API. */
export interface Versions {
  /** Where a request names its version: in a header, or in resource paths, as the placeholder `{version}`. */
  readonly in: { readonly header: string } | "path";
  /** The one that this contract speaks; sent with every request. */
  readonly use: string;
  /** Those that the provider has, each with the day (ISO 8601, UTC) from which on it refuses it, where that is known. */
  readonly known: readonly { readonly version: string; readonly sunset?: string }[];
}

/** The contract of a provider. @see docs/paths/webhook.md for how an event travels through it. */
export interface ConnectorDefinition {
  /** Lower case, stable: it is part of keys. */
  readonly id: string;
  readonly title: string;
  /** Base URL with `{placeholders}` that a connection's settings fill, such as `https://{subdomain}.zendesk.com`. */
  readonly baseUrl: string;
  /**
   * The hosts that calls may go to: names, or `*.files.example.com` for all below one, with `:port` where it is not 443. The base URL's has to be among them; the others
   * are reached only where `redirects` leads there. Default: the base URL's host.
   */
  readonly hosts?: readonly string[];
  /**
   * Whether reads follow a redirect, up to three, to `hosts`: a provider that keeps its files elsewhere sends there. The credential goes to no other origin. Default
   * `refuse`: a redirect is the error `HTTP_REDIRECTED`.
   */
  readonly redirects?: "refuse" | "follow";
  readonly auth: Auth;
  /** How bodies are written; resources and their operations may differ. Default `json`. */
  readonly bodies?: DeclaredBodies;
  /** The versions of the API, and which one this contract speaks. Default: the API has none. */
  readonly versions?: Versions;
  readonly resources: Readonly<Record<string, Resource>>;
  /** How records of the resources become those of models, made by `defineMapping`; by them the unified API reads and writes. One per model. Default: none. */
  readonly mappings?: readonly UnifiedMapping[];
  /**
   * A cheap GET below the base URL that every credential may make, such as `/api/v2/users/me.json`: by it a key is tried before it is kept. Default: the first page of
   * the first resource that can be listed, one record long.
   */
  readonly check?: string;
  readonly limits?: readonly Limit[];
  readonly errors?: readonly ErrorRow[];
  readonly webhooks?: Webhooks;
  /** How the provider behaves where the contract does not say. Used by the simulator only. */
  readonly simulator?: Simulation;
}
