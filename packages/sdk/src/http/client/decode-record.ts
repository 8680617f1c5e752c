import type { Resource } from "../../connector/types.ts";
import { valueAt } from "../../connector/value-at.ts";
import type { BelayError } from "../../errors/belay-error.ts";
import { validate } from "../../schema/index.ts";
import { httpError } from "../errors.ts";
import type { Answered } from "./call.ts";

/** The record inside an answer, validated. @throws `CLIENT_RESPONSE_INVALID` with the paths that do not fit. */
export async function decodeRecord(resource: Resource, label: string, { body, bodies }: Answered): Promise<unknown> {
  const rows = bodies.received === "csv" || bodies.received === "ndjson" ? body : undefined;
  const answer: unknown = Array.isArray(rows) && rows.length === 1 ? rows[0] : body;
  const member = resource.wrap?.one;
  return checkRecord(resource, label, member === undefined ? answer : memberOf(answer, member));
}

/** Validates one record that is already out of its wrapping. @throws `CLIENT_RESPONSE_INVALID` */
export async function checkRecord(resource: Resource, label: string, record: unknown): Promise<unknown> {
  const result = await validate(resource.schema, record);
  if ("value" in result) return result.value;
  throw drift(
    label,
    result.issues.map((issue) => issue.path),
    "does not match the resource's schema",
  );
}

/** The records inside the answer to a listing, not yet validated. @throws `CLIENT_RESPONSE_INVALID` when there is no list. */
export function decodeList(resource: Resource, label: string, { body, bodies }: Answered): readonly unknown[] {
  const member = resource.wrap?.many;
  const list = member === undefined ? body : valueAt(body, member);
  if (Array.isArray(list)) return list;
  if (bodies.received === "xml" && member !== undefined && hasParent(body, member)) return list === undefined ? [] : [list];
  throw drift(label, [member ?? ""], "holds no list of records");
}

/** In XML a list is the elements that are there: none or one are no list yet, but what they stand in must be. */
function hasParent(body: unknown, member: string): boolean {
  const parent = member.split(".").slice(0, -1).join(".");
  return parent !== "" && valueAt(body, parent) !== undefined;
}

/** The writable fields of a record or of what claims to be one. */
export function fieldsOf(resource: Resource, record: unknown): unknown {
  return resource.fieldsIn === undefined ? record : memberOf(record, resource.fieldsIn);
}

export function memberOf(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[member] : undefined;
}

/** Contract drift. */
export function drift(label: string, paths: readonly string[], what: string): BelayError {
  const where = paths.filter((path) => path !== "").join(", ");
  return httpError("CLIENT_RESPONSE_INVALID", `${label}: the provider's answer ${what}${where === "" ? "" : ` (${where})`}.`, {
    details: { paths },
  });
}
