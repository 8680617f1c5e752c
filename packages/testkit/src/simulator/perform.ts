import { toMs, validate } from "@belay/sdk";
import type { Schema, WriteSafety } from "@belay/sdk";
import type { Answer, FailureWriter } from "./answer.ts";
import type { KeyMemory } from "./idempotency.ts";
import type { ResourceModel } from "./resource-model.ts";
import { findable } from "./store.ts";
import type { Fields, ResourceStore, StoredRecord, Write } from "./store.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

/** A request to a resource, as the routes understood it. */
export type Operation =
  | { readonly kind: "create"; readonly body: unknown }
  | { readonly kind: "update"; readonly id: string; readonly body: unknown }
  | { readonly kind: "read"; readonly id: string; readonly query: Readonly<Record<string, unknown>> }
  | { readonly kind: "list"; readonly query: Readonly<Record<string, unknown>> };

export interface OperationRequest {
  readonly resource: string;
  readonly headers: Headers;
  readonly operation: Operation;
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
}

/** Does what a request asks for, as the provider would on a good day. Commits at most once. */
export async function perform(provider: Provider, model: ResourceModel, store: ResourceStore, request: OperationRequest): Promise<Answer> {
  const { operation } = request;
  if (operation.kind === "read") return read(provider, model, store, operation);
  if (operation.kind === "list") return list(provider, model, store, operation.query);
  const declared = model.resource[operation.kind];
  if (declared === undefined) return provider.fail("method-not-allowed", "The API has no such operation.");
  const key = idempotencyKey(declared.safety, request.headers);
  if (key === undefined || declared.safety.kind !== "key") return write(provider, model, store, operation, declared.input, key);

  const fingerprint = JSON.stringify([model.name, operation]);
  const lookup = provider.keys.begin(key, fingerprint, provider.now());
  switch (lookup.state) {
    case "done":
      return lookup.answer;
    case "running":
      return provider.fail("key-running", "A request with this key is still running.");
    case "other-request":
      return provider.fail("key-reused", "This key was used for another request.");
    case "new": {
      const answer = await write(provider, model, store, operation, declared.input, key);
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
  operation: Extract<Operation, { body: unknown }>,
  input: Schema,
  key: string | undefined,
): Promise<Answer> {
  const fields = unwrap(model, operation.body);
  const validation = operation.kind === "create" ? await validate(input, fields) : undefined;
  if (fields === undefined || (validation !== undefined && "issues" in validation)) {
    const where =
      validation !== undefined && "issues" in validation
        ? validation.issues.map(({ path, message }) => `${path}: ${message}`).join("; ")
        : "";
    return provider.fail("invalid", `The record is not valid. ${where}`.trim());
  }
  if (provider.refuses({ account: provider.account, resource: model.name, operation: operation.kind, fields })) {
    return provider.fail("invalid", "The record is refused.");
  }
  const existing = operation.kind === "update" ? store.get(operation.id) : undefined;
  if (operation.kind === "update" && existing === undefined) return provider.fail("not-found", "There is no such record.");
  const taken = model.unique.find((field) => {
    const value = findable(fields[field]);
    return value !== undefined && store.findBy(field, value).some((record) => record !== existing);
  });
  if (taken !== undefined) return provider.fail("taken", `Another record already has this ${taken}.`);
  const now = provider.now();
  const record = existing === undefined ? store.create(fields, key, now) : store.update(existing, fields, key, now);
  const last = record.writes.at(-1);
  if (last !== undefined) provider.committed(last);
  return shown(model, existing === undefined ? 201 : 200, record);
}

function read(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  { id, query }: Extract<Operation, { kind: "read" }>,
): Answer | Promise<Answer> {
  const { find } = model.resource;
  const field = find?.style.kind === "path" ? query[find.style.parameter] : undefined;
  const record = typeof field === "string" ? visible(provider, model, store, field, id)[0] : model.resource.get && store.get(id);
  return record === undefined ? provider.fail("not-found", "There is no such record.") : shown(model, 200, record);
}

function list(provider: Provider, model: ResourceModel, store: ResourceStore, query: Readonly<Record<string, unknown>>): Answer {
  const field = model.resource.find?.by.find((name) => query[name] !== undefined);
  const found = field === undefined ? store.all() : visible(provider, model, store, field, String(query[field]));
  const bodies = found.slice(0, 100).map((record) => record.body);
  const { many } = model.resource.wrap ?? {};
  return { status: 200, body: many === undefined ? bodies : { [many]: bodies } };
}

function visible(provider: Provider, model: ResourceModel, store: ResourceStore, field: string, value: string): readonly StoredRecord[] {
  return store.findBy(field, value, provider.now() - model.findLagMs);
}

/** A record that its own schema refuses would look like a fault of the client, so the simulator owns up to it. */
async function shown(model: ResourceModel, status: number, record: StoredRecord): Promise<Answer> {
  const validation = await validate(model.resource.schema, record.body);
  if ("issues" in validation) {
    const [issue] = validation.issues;
    const message = `The simulator cannot make a "${model.name}" that fits its schema (${issue?.path}: ${issue?.message}); give it resources.${model.name}.defaults.`;
    return { status: 501, body: { error: "SimulatorIncomplete", description: message } };
  }
  const { one } = model.resource.wrap ?? {};
  return { status, body: one === undefined ? record.body : { [one]: record.body } };
}

/** The writable fields of a request's body; undefined when it is not shaped like the API's. */
function unwrap(model: ResourceModel, body: unknown): Fields | undefined {
  const { wrap, fieldsIn } = model.resource;
  const record = wrap?.one === undefined ? body : member(body, wrap.one);
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
