import { toMs, validate, wrapOfSent } from "@belay/sdk";
import type { Resource, Validation, WriteSafety } from "@belay/sdk";
import type { Answer, FailureWriter } from "./answer.ts";
import { judgeInput, readTexts } from "./judge-input.ts";
import type { KeyMemory } from "./idempotency.ts";
import type { ListingHabits } from "./listing-habits.ts";
import type { Random } from "./random.ts";
import type { ResourceModel } from "./resource-model.ts";
import { serveList } from "./serve-list.ts";
import { findable } from "./store.ts";
import type { Fields, ResourceStore, StoredRecord, Write } from "./store.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

/** A request to a resource, as the routes understood it. */
export type Operation =
  | { readonly kind: "create"; readonly body: unknown }
  | { readonly kind: "update"; readonly id: string; readonly body: unknown }
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "read"; readonly id: string; readonly query: URLSearchParams }
  /** `url`: that of the listing, without its query. */
  | { readonly kind: "list"; readonly url: string; readonly path: string; readonly query: URLSearchParams };

export interface OperationRequest {
  readonly resource: string;
  readonly headers: Headers;
  readonly operation: Operation;
  /** Whether all values of the body came as texts, as they do in a form. */
  readonly texts: boolean;
}

/** A write that a provider may be told to refuse. */
export interface ProposedWrite {
  readonly account: string;
  readonly resource: string;
  readonly operation: "create" | "update";
  readonly fields: Fields;
}

export interface Provider {
  readonly account: string;
  readonly fail: FailureWriter;
  readonly keys: KeyMemory;
  readonly now: () => number;
  readonly refuses: (write: ProposedWrite) => boolean;
  /** Hears of what the request has committed. */
  readonly committed: (write: Write) => void;
  readonly listing: Listing;
  /** What is put on the answer to a key that was used before. */
  readonly replayHeaders: Readonly<Record<string, string>>;
}

/** How this account's listings behave. */
export interface Listing {
  readonly seed: number;
  readonly random: Random;
  readonly habits: () => ListingHabits;
  /** What happens to the records between two pages, by nobody's request. */
  readonly drift: (model: ResourceModel, store: ResourceStore) => void;
}

type KeyedOperation = Extract<Operation, { body: unknown }>;

/** Does what a request asks for, as the provider would on a good day. Commits at most once. */
export async function perform(on: Provider, model: ResourceModel, store: ResourceStore, request: OperationRequest): Promise<Answer> {
  const { operation } = request;
  const asked = { resource: model.name, ...("id" in operation && { id: operation.id }) };
  const provider: Provider = { ...on, fail: (kind, description, details) => on.fail(kind, description, { ...asked, ...details }) };
  if (operation.kind === "read") return read(provider, model, store, operation);
  if (operation.kind === "list") return serveList(provider, model, store, operation);
  if (operation.kind === "delete") return remove(provider, model, store, operation.id, headerOf(request.headers, "idempotency-key"));
  const declared = model.resource[operation.kind];
  if (declared === undefined) return provider.fail("method-not-allowed", "The API has no such operation.");
  const key = idempotencyKey(declared.safety, request.headers);
  if (key === undefined || declared.safety.kind !== "key") return write(provider, model, store, request, operation, key);

  const fingerprint = JSON.stringify([model.name, store.place, operation]);
  const lookup = provider.keys.begin(key, fingerprint, provider.now());
  switch (lookup.state) {
    case "done":
      return { ...lookup.answer, headers: { ...lookup.answer.headers, ...provider.replayHeaders } };
    case "running":
      return provider.fail("key-running", "A request with this key is still running.");
    case "other-request":
      return provider.fail("key-reused", "This key was used for another request.");
    case "new": {
      const answer = await write(provider, model, store, request, operation, key);
      if (answer.status < 300) provider.keys.finish(key, answer, provider.now(), toMs(declared.safety.keptFor));
      else provider.keys.release(key);
      return answer;
    }
  }
}

async function write(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  { texts }: OperationRequest,
  operation: KeyedOperation,
  key: string | undefined,
): Promise<Answer> {
  if (!isFields(operation.body)) return provider.fail("malformed", "The body is no object.", { paths: [""] });
  const sent = unwrap(model, operation.body);
  const input = model.resource[operation.kind]?.input;
  if (sent === undefined || input === undefined) return provider.fail("invalid", "The record is not valid.");
  const fields = texts ? await readTexts(input, sent) : sent;
  const problems = await judgeInput(input, fields);
  if (problems !== undefined) return provider.fail("invalid", `The record is not valid. ${problems.summary}`, { fields: problems.fields });
  if (provider.refuses({ account: provider.account, resource: model.name, operation: operation.kind, fields })) {
    return provider.fail("invalid", "The record is refused.");
  }
  const existing = operation.kind === "update" ? store.get(operation.id) : undefined;
  if (operation.kind === "update" && existing === undefined) return provider.fail("not-found", "There is no such record.");
  const reason = existing && model.refuses(existing.body, fields);
  if (reason !== undefined) return provider.fail("refused", reason);
  const taken = model.unique.find((field) => {
    const value = findable(fields[field]);
    return value !== undefined && store.findBy(field, value).some((record) => record !== existing);
  });
  if (taken !== undefined) return provider.fail("taken", `Another record already has this ${taken}.`, { paths: [taken] });
  const now = provider.now();
  const record = existing === undefined ? store.create(fields, key, now) : store.update(existing, fields, key, now);
  tell(provider, record);
  if (existing !== undefined && model.resource.update?.returns === "nothing") return { status: 204, body: undefined };
  return shown(model, existing === undefined ? model.createdStatus : 200, record);
}

function remove(provider: Provider, model: ResourceModel, store: ResourceStore, id: string, key: string | undefined): Answer {
  const record = store.get(id);
  if (record === undefined) return provider.fail("not-found", "There is no such record.");
  tell(provider, store.delete(record, key, provider.now()));
  return tombstoneOf(model, record) ?? { status: 204, body: undefined };
}

/** What the provider answers for what it has deleted; undefined where that is nothing. */
function tombstoneOf({ resource, deleted }: ResourceModel, { body }: StoredRecord): Answer | undefined {
  if (resource.tombstone === undefined) return undefined;
  const left = { [resource.id]: body[resource.id], ...deleted(body), [resource.tombstone]: true };
  return { status: 200, body: resource.wrap?.one === undefined ? left : { [resource.wrap.one]: left } };
}

function tell(provider: Provider, record: StoredRecord): void {
  const last = record.writes.at(-1);
  if (last !== undefined) provider.committed(last);
}

function read(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  { id, query }: Extract<Operation, { kind: "read" }>,
): Answer | Promise<Answer> {
  const by = model.resource.find && findField(model.resource.find, query);
  const found = by === undefined ? undefined : store.findBy(by.field, id, provider.now() - model.findLagMs)[0];
  const asksForId = by === undefined || !by.isNamed;
  const record = (asksForId ? model.resource.get && store.get(id) : undefined) ?? found;
  if (record !== undefined) return shown(model, 200, record);
  const gone = asksForId && model.resource.get ? store.getEver(id) : undefined;
  return (gone && tombstoneOf(model, gone)) ?? provider.fail("not-found", "There is no such record.");
}

/** The field whose value stands in the place of the id. Where no parameter names it, the value may be an id as well. */
function findField({ by, style }: NonNullable<Resource["find"]>, query: URLSearchParams): { field: string; isNamed: boolean } | undefined {
  if (style.kind !== "path") return undefined;
  const field = style.parameter === undefined ? by[0] : query.get(style.parameter);
  return field === undefined || field === null ? undefined : { field, isNamed: style.parameter !== undefined };
}

/** A record that its own schema refuses would look like a fault of the client, so the simulator owns up to it. */
async function shown(model: ResourceModel, status: number, record: StoredRecord): Promise<Answer> {
  const validation = await validateShown(model, record.body);
  if ("issues" in validation) {
    const [issue] = validation.issues;
    const message = `The simulator cannot make a "${model.name}" that fits its schema (${issue?.path}: ${issue?.message}); give it simulator.resources.${model.name}.defaults.`;
    return { status: 501, body: { error: "SimulatorIncomplete", description: message } };
  }
  const { one } = model.resource.wrap ?? {};
  return { status, body: one === undefined ? record.body : { [one]: record.body } };
}

/** As the client will see it: where the format has texts only, everything is one. */
async function validateShown({ resource: { schema } }: ResourceModel, body: Fields): Promise<Validation<unknown>> {
  const plain = await validate(schema, body);
  if ("value" in plain) return plain;
  const texts = await validate(schema, asTexts(body));
  return "value" in texts ? texts : plain;
}

function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asTexts(inner)]));
  return value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** The writable fields of a request's body; undefined when it is not shaped like the API's. */
function unwrap(model: ResourceModel, body: unknown): Fields | undefined {
  const { fieldsIn } = model.resource;
  const around = wrapOfSent(model.resource);
  const record = around === undefined ? body : member(body, around);
  const fields = fieldsIn === undefined ? record : member(record, fieldsIn);
  return isFields(fields) ? fields : undefined;
}

function member(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idempotencyKey(safety: WriteSafety, headers: Headers): string | undefined {
  return headerOf(headers, safety.kind === "key" ? safety.header.toLowerCase() : "idempotency-key");
}
