import { toMs, valueAt } from "@belay/sdk";
import type { BulkOperation, OutcomeMatch, Schema } from "@belay/sdk";
import type { Answer } from "./answer.ts";
import { commitWrite, isFields, judgeWrite } from "./commit-write.ts";
import type { Operation } from "./operation.ts";
import type { Provider } from "./provider.ts";
import type { ResourceModel } from "./resource-model.ts";
import { setAt } from "./set-at.ts";
import type { Fields, ResourceStore } from "./store.ts";

type ManyOperation = Extract<Operation, { kind: "many" }>;

/** An item as it was sent. */
interface SentItem {
  readonly raw: Fields;
  readonly fields: Fields;
  /** The record's id, or the value by which an upsert knows it. */
  readonly id: string | undefined;
  readonly key: string | undefined;
}

/** Serves a call for many: each item for itself, or, where the answer has no room for single refusals, all or none. */
export async function performMany(
  provider: Provider,
  model: ResourceModel,
  store: ResourceStore,
  operation: ManyOperation,
): Promise<Answer> {
  const many = model.resource[`${operation.of}Many`];
  const input = inputOf(model, operation);
  if (many === undefined || input === undefined) return provider.fail("method-not-allowed", "The API has no such operation.");
  const list = many.items === undefined ? operation.body : valueAt(operation.body, many.items);
  if (!Array.isArray(list)) return provider.fail("malformed", "The body holds no list of items.", { paths: [many.items ?? ""] });
  if (list.length > many.most)
    return provider.fail("invalid", `At most ${many.most} items are taken at once.`, { paths: [many.items ?? ""] });
  const items = list.map((raw: unknown) => readItem(model, many, operation, raw));
  const served = { provider, model, store, many, input, operation };
  const { outcomes } = many;
  const isAtomic = outcomes.errors === undefined && outcomes.refused === undefined && outcomes.status === undefined;
  if (isAtomic) {
    const refusals = await Promise.all(items.map((item) => judgeItem(served, item)));
    const refusal = refusals.find((one) => one !== undefined);
    if (refusal !== undefined) return refusal;
  }
  const answers: (Answer | undefined)[] = [];
  for (const [position, item] of items.entries()) {
    const fault = provider.itemFaults?.find((one) => one.position === position)?.as;
    if (fault !== undefined && fault !== "unmentioned") {
      answers.push(provider.fail(fault, "The item was not taken."));
      continue;
    }
    const answer = await writeItem(served, item);
    // The simulator's own failure is no outcome of the provider's.
    if (answer.status === 501) return answer;
    answers.push(fault === undefined ? answer : undefined);
  }
  return wordAnswers(model, many, operation, items, answers);
}

interface Served {
  readonly provider: Provider;
  readonly model: ResourceModel;
  readonly store: ResourceStore;
  readonly many: BulkOperation;
  readonly input: Schema;
  readonly operation: ManyOperation;
}

function inputOf({ resource }: ResourceModel, { of }: ManyOperation): Schema | undefined {
  return of === "upsert" ? resource.upsertMany?.input : resource[of]?.input;
}

function readItem(model: ResourceModel, { item, safety }: BulkOperation, { of }: ManyOperation, raw: unknown): SentItem {
  const all = isFields(raw) ? raw : {};
  const { fieldsIn, id: idField } = model.resource;
  const idMember = of === "create" ? undefined : (item?.id ?? (of === "update" ? idField : undefined));
  const keyMember = safety.kind === "itemKey" ? safety.member : undefined;
  const around = [idMember, keyMember, item?.token, ...Object.keys(item?.constants ?? {})];
  const inside =
    fieldsIn === undefined ? Object.fromEntries(Object.entries(all).filter(([name]) => !around.includes(name))) : all[fieldsIn];
  const fields = isFields(inside) ? inside : {};
  const by = of === "upsert" ? fields[model.resource.upsertMany?.by ?? ""] : undefined;
  return { raw: all, fields, id: textOf(idMember === undefined ? by : all[idMember]), key: keyMember && textOf(all[keyMember]) };
}

/** The record that an item changes. */
function existingFor({ model, store, operation }: Served, { id = "" }: SentItem): { readonly id: string } | undefined {
  if (operation.of === "create") return undefined;
  if (operation.of === "update") return { id };
  const by = model.resource.upsertMany?.by ?? "";
  const isIndexed = model.resource.find?.by.includes(by) === true;
  return isIndexed ? store.findBy(by, id)[0] : store.all().find((record) => textOf(record.fields[by]) === id);
}

function judgeItem(served: Served, item: SentItem): Promise<Answer | undefined> {
  return judgeWrite(served.provider, served.model, served.store, served.input, item.fields, existingFor(served, item));
}

async function writeItem(served: Served, item: SentItem): Promise<Answer> {
  const { provider, model, store, many } = served;
  const write = async (): Promise<Answer> =>
    (await judgeItem(served, item)) ?? commitWrite(provider, model, store, item.fields, existingFor(served, item), item.key);
  if (item.key === undefined || many.safety.kind !== "itemKey") return write();
  const lookup = provider.keys.begin(`item ${item.key}`, JSON.stringify([model.name, item.fields]), provider.now());
  if (lookup.state === "done") return lookup.answer;
  if (lookup.state === "running") return provider.fail("key-running", "An item with this key is still being written.");
  if (lookup.state === "other-request") return provider.fail("key-reused", "This key was used for another item.");
  const answer = await write();
  if (answer.status < 300) provider.keys.finish(`item ${item.key}`, answer, provider.now(), toMs(many.safety.keptFor));
  else provider.keys.release(`item ${item.key}`);
  return answer;
}

function wordAnswers(
  model: ResourceModel,
  many: BulkOperation,
  { of }: ManyOperation,
  items: readonly SentItem[],
  answers: readonly (Answer | undefined)[],
): Answer {
  const { outcomes } = many;
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const [position, answer] of answers.entries()) {
    const item = items[position];
    if (answer === undefined || item === undefined) continue;
    const isRefused = answer.status >= 300;
    const inErrors = isRefused && outcomes.errors !== undefined;
    const entry = isRefused ? refusalOf(many, answer) : resultOf(many, answer);
    mark(entry, inErrors ? [outcomes.errors?.match ?? []].flat()[0] : outcomes.match, { item, position, many });
    (inErrors ? errors : results).push(entry);
  }
  const body: Record<string, unknown> = {};
  if (outcomes.results !== undefined) setAt(body, outcomes.results, results);
  if (outcomes.errors !== undefined && errors.length > 0) setAt(body, outcomes.errors.in, errors);
  const isMixed = answers.some((answer) => answer !== undefined && answer.status >= 300);
  const status = isMixed ? 207 : of === "create" ? model.createdStatus : 200;
  return { status, body: outcomes.results === undefined ? results : body };
}

function resultOf({ outcomes }: BulkOperation, { status, body }: Answer): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  if (outcomes.record === undefined) Object.assign(entry, isFields(body) ? structuredClone(body) : {});
  else setAt(entry, outcomes.record, body);
  if (outcomes.status !== undefined && outcomes.status.values === undefined) setAt(entry, outcomes.status.at, status);
  if (outcomes.refused !== undefined && typeof outcomes.refused.is === "boolean") setAt(entry, outcomes.refused.at, !outcomes.refused.is);
  return entry;
}

function refusalOf({ outcomes }: BulkOperation, { status, body }: Answer): Record<string, unknown> {
  const entry: Record<string, unknown> = isFields(body) ? structuredClone(body) : { message: body };
  if (outcomes.refused !== undefined) setAt(entry, outcomes.refused.at, outcomes.refused.is);
  if (outcomes.status === undefined) return entry;
  const { at, values } = outcomes.status;
  const told = valueAt(entry, at);
  if (values === undefined) setAt(entry, at, status);
  else if (typeof told !== "string" || values[told] !== status)
    setAt(entry, at, Object.keys(values).find((text) => values[text] === status) ?? "ERROR");
  return entry;
}

/** Puts into an entry that by which the client knows whose it is. */
function mark(
  entry: Record<string, unknown>,
  match: OutcomeMatch | undefined,
  { item, position, many }: { readonly item: SentItem; readonly position: number; readonly many: BulkOperation },
): void {
  if (match === undefined || match === "position") return;
  if ("index" in match) setAt(entry, match.index, position);
  else if ("token" in match) setAt(entry, match.token, many.item?.token === undefined ? undefined : [item.raw[many.item.token]]);
  else if (valueAt(entry, match.at) === undefined) setAt(entry, match.at, match.field === "id" ? item.id : item.fields[match.field]);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
