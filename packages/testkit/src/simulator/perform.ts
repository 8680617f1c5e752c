import { toMs, validate, wrapOfSent } from "@belay/sdk";
import type { Resource, Schema, WriteSafety } from "@belay/sdk";
import type { Answer } from "./answer.ts";
import { commitWrite, isFields, judgeWrite, shown, tell } from "./commit-write.ts";
import { readTexts } from "./judge-input.ts";
import type { Operation, OperationRequest } from "./operation.ts";
import { performMany } from "./perform-many.ts";
import type { Provider } from "./provider.ts";
import type { ResourceModel } from "./resource-model.ts";
import { serveList } from "./serve-list.ts";
import type { Fields, ResourceStore, StoredRecord } from "./store.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

type KeyedOperation = Extract<Operation, { kind: "create" | "update" }>;

/** Does what a request asks for, as the provider would on a good day. Commits at most once, of many each item at most once. */
export async function perform(on: Provider, model: ResourceModel, store: ResourceStore, request: OperationRequest): Promise<Answer> {
  const { operation } = request;
  const asked = { resource: model.name, ...("id" in operation && { id: operation.id }) };
  const provider: Provider = { ...on, fail: (kind, description, details) => on.fail(kind, description, { ...asked, ...details }) };
  if (operation.kind === "read") return read(provider, model, store, operation);
  if (operation.kind === "list") return serveList(provider, model, store, operation);
  if (operation.kind === "many") return performMany(provider, model, store, operation);
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
  const input = await inputFor(model, operation.kind, sent);
  if (sent === undefined || input === undefined) return provider.fail("invalid", "The record is not valid.");
  const fields = texts ? await readTexts(input, sent) : sent;
  const existing = operation.kind === "update" ? { id: operation.id } : undefined;
  const refusal = await judgeWrite(provider, model, store, input, fields, existing);
  return refusal ?? commitWrite(provider, model, store, fields, existing, key);
}

/** The schema that judges a write; for a create the first that takes it, else the resource's own. */
async function inputFor(
  { resource, furtherCreates }: ResourceModel,
  kind: "create" | "update",
  sent: Fields | undefined,
): Promise<Schema | undefined> {
  const own = resource[kind]?.input;
  if (kind === "update" || furtherCreates.length === 0 || own === undefined) return own;
  for (const input of [own, ...furtherCreates]) if (!("issues" in (await validate(input, sent)))) return input;
  return own;
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

function idempotencyKey(safety: WriteSafety, headers: Headers): string | undefined {
  return headerOf(headers, safety.kind === "key" ? safety.header.toLowerCase() : "idempotency-key");
}
