import type { BulkOperation, OutcomeMatch } from "../../../connector/bulk.ts";
import { valueAt } from "../../../connector/value-at.ts";
import type { ItemContent } from "./bulk-body.ts";

/** What the answer says of one item; undefined: nothing. */
export type ItemAnswer =
  | { readonly kind: "done"; readonly record: unknown; readonly entry: unknown }
  | { readonly kind: "refused"; readonly status: number; readonly entry: unknown; readonly listed: "results" | "errors" }
  | undefined;

/** Reads whose outcome is whose. Undefined where the answer holds no list where one was declared: then nothing can be said of any item. */
export function readOutcomes(many: BulkOperation, answer: unknown, items: readonly ItemContent[]): readonly ItemAnswer[] | undefined {
  const { outcomes } = many;
  const results = listAt(answer, outcomes.results);
  const errors = outcomes.errors === undefined ? [] : listAt(answer, outcomes.errors.in);
  if (results === undefined && errors === undefined) return undefined;
  const answers: ItemAnswer[] = items.map(() => undefined);
  for (const [index, entry] of assign(outcomes.match, results ?? [], items)) answers[index] = judgeEntry(many, entry);
  // A refusal stands above a result: a provider that lists an item twice has at least not taken all of it.
  for (const [index, entry] of assignErrors([outcomes.errors?.match ?? []].flat(), errors ?? [], items)) {
    answers[index] = { kind: "refused", status: statusOf(many, entry) ?? 400, entry, listed: "errors" };
  }
  return answers;
}

/** The first way that tells counts, for each entry by itself. */
function assignErrors(
  matches: readonly OutcomeMatch[],
  entries: readonly unknown[],
  items: readonly ItemContent[],
): readonly (readonly [number, unknown])[] {
  return entries.flatMap((entry) => {
    for (const match of matches) {
      const found = assign(match, [entry], items);
      if (found.length > 0) return found;
    }
    return [];
  });
}

/** The answer as it would be if it told of one item only. */
export function answerOf(many: BulkOperation, answer: unknown, one: ItemAnswer): unknown {
  const { outcomes } = many;
  const inErrors = one?.kind === "refused" && one.listed === "errors";
  const own = one === undefined ? [] : [one.entry];
  const results = replaceAt(answer, outcomes.results, inErrors ? [] : own);
  return outcomes.errors === undefined ? results : replaceAt(results, outcomes.errors.in, inErrors ? own : []);
}

function judgeEntry(many: BulkOperation, entry: unknown): ItemAnswer {
  const { refused, record } = many.outcomes;
  const status = statusOf(many, entry);
  const isRefusal = refused === undefined ? status !== undefined && status >= 400 : valueAt(entry, refused.at) === refused.is;
  if (isRefusal) return { kind: "refused", status: status ?? 400, entry, listed: "results" };
  return { kind: "done", record: record === undefined ? entry : valueAt(entry, record), entry };
}

function statusOf({ outcomes: { status } }: BulkOperation, entry: unknown): number | undefined {
  if (status === undefined) return undefined;
  const value = valueAt(entry, status.at);
  if (status.values === undefined) return typeof value === "number" ? value : undefined;
  return typeof value === "string" && Object.hasOwn(status.values, value) ? status.values[value] : undefined;
}

/** Entries with the place of the item that each tells of. */
function assign(match: OutcomeMatch, entries: readonly unknown[], items: readonly ItemContent[]): readonly (readonly [number, unknown])[] {
  // In a call of one there is nobody else whose it could be.
  if (items.length === 1 && entries.length === 1) return [[0, entries[0]]];
  if (match === "position") return entries.length === items.length ? entries.map((entry, index) => [index, entry]) : [];
  if ("field" in match) return assignByField(match, entries, items);
  const path = "index" in match ? match.index : match.token;
  return entries.flatMap((entry) => {
    const told: unknown = valueAt(entry, path);
    const places = (Array.isArray(told) ? told : [told]).map(placeOf);
    return places.flatMap((place) => (place !== undefined && place < items.length ? [[place, entry] as const] : []));
  });
}

/** Tokens are places in the call, written as texts. */
function placeOf(value: unknown): number | undefined {
  const place = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof place === "number" && Number.isInteger(place) && place >= 0 ? place : undefined;
}

function assignByField(
  { field, at }: Extract<OutcomeMatch, { field: string }>,
  entries: readonly unknown[],
  items: readonly ItemContent[],
): readonly (readonly [number, unknown])[] {
  const places = Map.groupBy(
    items.map((_item, index) => index),
    (index) => textOf(valueOf(items[index], field)),
  );
  return entries.flatMap((entry) => {
    const told: unknown = valueAt(entry, at);
    const values = (Array.isArray(told) ? told : [told]).map(textOf);
    return values.flatMap((value) => (value === undefined ? [] : (places.get(value) ?? []).map((index) => [index, entry] as const)));
  });
}

function valueOf(item: ItemContent | undefined, field: string): unknown {
  const own = valueAt(item?.fields, field);
  return own === undefined && field === "id" ? item?.id : own;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function listAt(answer: unknown, path: string | undefined): readonly unknown[] | undefined {
  const list = path === undefined ? answer : valueAt(answer, path);
  return Array.isArray(list) ? list : undefined;
}

function replaceAt(root: unknown, path: string | undefined, value: unknown): unknown {
  if (path === undefined) return value;
  const [name = "", ...rest] = path.split(".");
  if (typeof root !== "object" || root === null || !Object.hasOwn(root, name)) return root;
  const inner: unknown = Reflect.get(root, name);
  return { ...root, [name]: replaceAt(inner, rest.length === 0 ? undefined : rest.join("."), value) };
}
