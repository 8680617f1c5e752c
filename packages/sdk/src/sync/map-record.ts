import { isBelayError } from "../errors/belay-error.ts";
import { validateSoon } from "../schema/index.ts";
import type { Schema, Validation } from "../schema/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { MapContext, Sync } from "./define-sync.ts";
import { idOf } from "./external-id.ts";
import type { DeletedRecord, MappedRecord, PageRecord, TroubledRecord } from "./page.ts";

/** What a record of the source is mapped with. */
export interface MapParts {
  readonly sync: Sync;
  /** The field of the record that holds its id. */
  readonly id: string;
  /** For so long a mapping that is asynchronous may take. Default: 10 s. */
  readonly patienceMs?: number;
  /** Calls the sync's own code, and notes that it is in it. */
  readonly enter?: <T>(code: () => T) => T;
}

const longestReason = 500;
const longestMappingMs = 10_000;

/**
 * Validates a record of the source, maps it, and validates what came of it. Never rejects: what cannot be taken is a trouble of its own, and the others go on.
 *
 * Codes of troubles: `SYNC_RECORD_UNNAMED` without a usable id, `SYNC_SOURCE_INVALID` where it does not fit the resource's schema, `SYNC_MAP_FAILED` where `map` or `version`
 * threw, or `map` did not end in time, `SYNC_RECORD_INVALID` where what it gave does not fit the model, or the code of a `BelayError` that `map` threw.
 */
export async function mapRecord(parts: MapParts, context: MapContext<never>, record: unknown): Promise<PageRecord> {
  const { sync, enter = (code) => code() } = parts;
  const externalId = idOf(record, parts.id);
  const fail = (code: string, reason: string): TroubledRecord => ({
    kind: "trouble",
    externalId: externalId ?? null,
    code,
    reason: reason.slice(0, longestReason),
    raw: JSON.stringify(record) ?? "null",
  });
  if (externalId === undefined) return fail("SYNC_RECORD_UNNAMED", `The record has no id at "${parts.id}" that could be used.`);
  // Whoever waits for what is there already waits longer than it took to find out.
  const checking = check(sync.source.schema, record);
  const source = checking instanceof Promise ? await checking : checking;
  if ("issues" in source) return fail("SYNC_SOURCE_INVALID", source.issues);
  try {
    const version = sync.version === undefined ? null : toVersion(enter(() => sync.version?.(source.value as never)));
    const mapping = enter(() => sync.map(source.value as never, context));
    const mapped = isThenable(mapping) ? await inTime(mapping, parts.patienceMs ?? longestMappingMs) : mapping;
    if (mapped === undefined) return { kind: "deleted", externalId, version } satisfies DeletedRecord;
    const targeting = check(sync.target.schema, mapped);
    const target = targeting instanceof Promise ? await targeting : targeting;
    if ("issues" in target) return fail("SYNC_RECORD_INVALID", target.issues);
    const keys = sync.matchOn === undefined ? [] : enter(() => sync.matchOn?.(target.value as never) ?? []);
    return {
      kind: "mapped",
      externalId,
      version,
      data: storable(canonicalJson(target.value)),
      raw: storable(JSON.stringify(record)),
      keys: keys.map(({ kind, value }) => `${kind}\n${value}`),
    } satisfies MappedRecord;
  } catch (error) {
    if (isBelayError(error)) return fail(error.code, error.message);
    return fail("SYNC_MAP_FAILED", error instanceof Error ? `${error.name}: ${error.message}` : "The mapping threw.");
  }
}

type Checked = { readonly value: unknown } | { readonly issues: string };

function check(schema: Schema, value: unknown): Checked | Promise<Checked> {
  const result = validateSoon(schema, value);
  return result instanceof Promise ? result.then(toChecked) : toChecked(result);
}

function toChecked(result: Validation<unknown>): Checked {
  if ("value" in result) return { value: result.value };
  return { issues: result.issues.map(({ path, message }) => `${path === "" ? "record" : path}: ${message}`).join("; ") };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** One record whose mapping never ends would keep all others of its sync waiting, again and again. */
async function inTime<T>(mapping: PromiseLike<T>, patienceMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`The mapping gave nothing within ${patienceMs} ms.`)), patienceMs);
  try {
    return await Promise.race([mapping, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function toVersion(version: unknown): number | null {
  if (version === undefined) return null;
  const value = typeof version === "string" || version instanceof Date ? new Date(version).getTime() : version;
  // What is above would be compared wrongly, and no column takes it: one such record would stop its whole page.
  if (typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return Math.trunc(value);
  throw new TypeError("version must be a number of at most 2^53 - 1, a Date or an ISO 8601 time");
}

/** Sealed as bytes, which hold anything; but half a character would not come back as it was. */
function storable(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
