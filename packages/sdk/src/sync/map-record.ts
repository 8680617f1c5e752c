import { valueAt } from "../connector/value-at.ts";
import { isBelayError } from "../errors/belay-error.ts";
import { validate } from "../schema/index.ts";
import type { Schema } from "../schema/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { MapContext, Sync } from "./define-sync.ts";
import type { DeletedRecord, MappedRecord, PageRecord, TroubledRecord } from "./page.ts";

/** What a record of the source is mapped with. */
export interface MapParts {
  readonly sync: Sync;
  /** The field of the record that holds its id. */
  readonly id: string;
  /** Calls the sync's own code, and notes that it is in it. */
  readonly enter?: <T>(code: () => T) => T;
}

/** Ids, versions and reasons are kept in columns of texts. */
const longestId = 512;
const longestReason = 500;

/**
 * Validates a record of the source, maps it, and validates what came of it. Never rejects: what cannot be taken is a trouble of its own, and the others go on.
 *
 * Codes of troubles: `SYNC_RECORD_UNNAMED` without a usable id, `SYNC_SOURCE_INVALID` where it does not fit the resource's schema, `SYNC_MAP_FAILED` where `map` or `version`
 * threw, `SYNC_RECORD_INVALID` where what it gave does not fit the model, or the code of a `BelayError` that `map` threw.
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
  const source = await check(sync.source.schema, record);
  if ("issues" in source) return fail("SYNC_SOURCE_INVALID", source.issues);
  try {
    const version = sync.version === undefined ? null : toVersion(enter(() => sync.version?.(source.value as never)));
    const mapped = await enter(() => sync.map(source.value as never, context));
    if (mapped === undefined) return { kind: "deleted", externalId, version } satisfies DeletedRecord;
    const target = await check(sync.target.schema, mapped);
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

/** The id of a record of the source; undefined where there is none that can be kept. */
export function idOf(record: unknown, path: string): string | undefined {
  const value = valueAt(record, path);
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text === "" || text.length > longestId) return undefined;
  return text.includes("\0") || !text.isWellFormed() ? undefined : text;
}

async function check(schema: Schema, value: unknown): Promise<{ readonly value: unknown } | { readonly issues: string }> {
  const result = await validate(schema, value);
  if ("value" in result) return { value: result.value };
  return { issues: result.issues.map(({ path, message }) => `${path === "" ? "record" : path}: ${message}`).join("; ") };
}

function toVersion(version: unknown): number {
  const value = typeof version === "string" || version instanceof Date ? new Date(version).getTime() : version;
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value);
  throw new TypeError("version must be a number, a Date or an ISO 8601 time");
}

/** Sealed as bytes, which hold anything; but half a character would not come back as it was. */
function storable(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
