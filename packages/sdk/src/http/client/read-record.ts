import type { Resource } from "../../connector/types.ts";
import { httpError } from "../errors.ts";
import { checkRecord, decodeList, decodeRecord, fieldsOf, memberOf } from "./decode-record.ts";
import { readKnown } from "./fallback/read-known.ts";
import type { Read } from "./fallback/read-known.ts";
import { readPath, recordPath } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";

/** The record with this id; undefined when there is none. */
export async function getRecord(access: ResourceAccess, id: unknown, options?: unknown): Promise<unknown> {
  const label = `${access.label}.get`;
  const path = readPath(access, recordPath(access, label, id));
  return readOne(access, { label, declared: access.resource.get, path, record: String(id) }, options);
}

/**
 * The first record whose field has exactly this value; undefined when there is none.
 *
 * @throws `CLIENT_INPUT_INVALID` for a field that the resource cannot be found by.
 */
export async function findRecord(access: ResourceAccess, by: unknown, options?: unknown): Promise<unknown> {
  const label = `${access.label}.find`;
  const { resource } = access;
  const [field, value] = Object.entries(by ?? {})[0] ?? [];
  if (resource.find === undefined || field === undefined || !resource.find.by.includes(field)) {
    throw httpError("CLIENT_INPUT_INVALID", `${label}: find by one of ${resource.find?.by.join(", ") ?? "no field"}.`, {
      details: { paths: [field ?? ""] },
    });
  }
  if (resource.find.style.kind === "path") {
    const { parameter } = resource.find.style;
    const path = recordPath(access, label, value);
    const asked = parameter === undefined ? readPath(access, path) : readPath(access, path, parameter, field);
    return readOne(access, { label, declared: resource.find, path: asked }, options);
  }
  if ((typeof value !== "string" && typeof value !== "number") || value === "") {
    throw httpError("CLIENT_INPUT_INVALID", `${label}, ${field}: give a text or a number.`, { details: { paths: [field] } });
  }
  const path = readPath(access, access.path, field, value);
  return readKnown(access, { label, declared: resource.find, path }, options, async (answer) => {
    const list = decodeList(resource, label, answer);
    // Providers search by prefix, by word or without case; only the exact value is the same record.
    const match = list.find((record) => String(memberOf(fieldsOf(resource, record), field)) === String(value));
    return match === undefined ? undefined : checkRecord(resource, label, match);
  });
}

async function readOne(access: ResourceAccess, read: Read, options: unknown): Promise<unknown> {
  return readKnown(access, { ...read, absentOn404: true }, options, async (answer) => {
    if (answer.status === 404 || isTombstone(access.resource, answer.body)) return undefined;
    return decodeRecord(access.resource, read.label, answer);
  });
}

/** Some providers remember what was deleted, and answer with little more than that. */
function isTombstone({ tombstone, wrap }: Resource, answer: unknown): boolean {
  if (tombstone === undefined) return false;
  return memberOf(wrap?.one === undefined ? answer : memberOf(answer, wrap.one), tombstone) === true;
}
