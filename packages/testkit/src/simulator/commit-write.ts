import { validate } from "@belay/sdk";
import type { Schema, Validation } from "@belay/sdk";
import type { Answer } from "./answer.ts";
import { judgeInput } from "./judge-input.ts";
import type { Provider } from "./provider.ts";
import type { ResourceModel } from "./resource-model.ts";
import { findable } from "./store.ts";
import type { Fields, ResourceStore, StoredRecord } from "./store.ts";

/** Why the provider does not take these fields; undefined where it does. `existing`: they are an update. */
export async function judgeWrite(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  input: Schema,
  fields: Fields,
  existing: { readonly id: string } | undefined,
): Promise<Answer | undefined> {
  const problems = await judgeInput(input, fields);
  if (problems !== undefined) return provider.fail("invalid", `The record is not valid. ${problems.summary}`, { fields: problems.fields });
  const operation = existing === undefined ? "create" : "update";
  if (provider.refuses({ account: provider.account, resource: model.name, operation, fields }))
    return provider.fail("invalid", "The record is refused.");
  const before = existing && store.get(existing.id);
  if (existing !== undefined && before === undefined) return provider.fail("not-found", "There is no such record.");
  const reason = before && model.refuses(before.body, fields);
  if (reason !== undefined) return provider.fail("refused", reason);
  const taken = model.unique.find((field) => {
    const value = findable(fields[field]);
    return value !== undefined && store.findBy(field, value).some((record) => record !== before);
  });
  return taken === undefined ? undefined : provider.fail("taken", `Another record already has this ${taken}.`, { paths: [taken] });
}

/** Commits what was judged to be right. */
export async function commitWrite(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  fields: Fields,
  existing: { readonly id: string } | undefined,
  key: string | undefined,
): Promise<Answer> {
  const now = provider.now();
  const before = existing && store.get(existing.id);
  const record = before === undefined ? store.create(fields, key, now) : store.update(before, fields, key, now);
  tell(provider, record);
  if (before !== undefined && model.resource.update?.returns === "nothing") return { status: 204, body: undefined };
  return shown(model, before === undefined ? model.createdStatus : 200, record);
}

/** Tells of the last write to a record. */
export function tell(provider: Provider, record: StoredRecord): void {
  const last = record.writes.at(-1);
  if (last !== undefined) provider.committed(last);
}

/** Answers with a record. One that its own schema refuses would look like a fault of the client, so the simulator owns up to it. */
export async function shown(model: ResourceModel, status: number, record: StoredRecord): Promise<Answer> {
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

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
