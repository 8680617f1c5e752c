import { randomUUID } from "node:crypto";
import { readBackOf } from "../../connector/types.ts";
import type { OperationOptions } from "../../connector/operation.ts";
import { readReferences } from "../../connector/references.ts";
import type { Reference } from "../../connector/references.ts";
import type { CreateOperation, ReadBack, UpdateOperation, WriteSafety } from "../../connector/types.ts";
import type { BelayError } from "../../errors/belay-error.ts";
import { httpError } from "../errors.ts";
import { currentOperation } from "../operation-context.ts";
import type { Operation } from "../operation-context.ts";
import type { Method } from "../outbound.ts";
import { call } from "./call.ts";
import { decodeRecord, fieldsOf, memberOf } from "./decode-record.ts";
import { checkInput, wrapFields } from "./encode-input.ts";
import { findRecord, getRecord } from "./read-record.ts";
import { recordPath } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";
import { writeOnce } from "./write-once.ts";
import type { LookBack } from "./write-once.ts";

/** Creates a record. The record of an earlier attempt, found again, is the answer too. */
export async function createRecord(access: ResourceAccess, declared: CreateOperation<unknown>, input: unknown): Promise<unknown> {
  const slot = takeSlot();
  const { input: schema, safety } = declared;
  const label = `${access.label}.create`;
  const fields = await checkInput(schema, label, input);
  const by = lookUpBy(safety, fields);
  if (safety.kind === "readBack" && by === undefined) throw missingField(label, safety.readBack);
  const write: WritePart = { label, declared, method: "POST", path: access.path, fields, safety, bare: false, ...slot };
  const lookBack = by && (() => findRecord(access, by));
  const record = await writeOnce(access, { ...write, lookBack, transmit: () => transmit(access, write) });
  slot.step?.context.onCreated?.(referencesOf(access, record));
  return record;
}

/** Changes a record. Found with all its new values, it counts as changed. Undefined where the provider returns nothing. */
export async function updateRecord(
  access: ResourceAccess,
  declared: UpdateOperation<unknown>,
  id: unknown,
  input: unknown,
): Promise<unknown> {
  const slot = takeSlot();
  const { input: schema, safety, method, returns } = declared;
  const label = `${access.label}.update`;
  const path = recordPath(access, label, id);
  const fields = await checkInput(schema, label, input);
  const find = findUpdated(access, safety, id, fields);
  if (safety.kind === "readBack" && find === undefined) throw missingField(label, safety.readBack);
  const lookBack: LookBack | undefined =
    find &&
    (async () => {
      const record = await find();
      return contains(fieldsOf(access.resource, record), fields) ? record : undefined;
    });
  const write: WritePart = { label, declared, method, path, fields, safety, bare: returns === "nothing", ...slot };
  const record = await writeOnce(access, { ...write, lookBack, transmit: () => transmit(access, write) });
  return returns === "nothing" ? undefined : record;
}

interface Slot {
  readonly step: Operation | undefined;
  readonly key: string;
}

interface WritePart extends Slot {
  readonly label: string;
  readonly declared: OperationOptions;
  readonly method: Method;
  readonly path: string;
  readonly fields: unknown;
  readonly safety: WriteSafety;
  /** Its answer is not read. */
  readonly bare: boolean;
}

/** Must run before the first await: the order of calls decides which key is whose. Outside any step, a key of its own. */
export function takeSlot(): Slot {
  const step = currentOperation();
  return { step, key: step?.nextKey() ?? randomUUID() };
}

async function transmit(access: ResourceAccess, write: WritePart): Promise<unknown> {
  const { label, declared, method, path, step, key, safety, bare } = write;
  const value = wrapFields(access.resource, write.fields);
  const answer = await call(access, { label, declared, method, path, value, operation: step, write: { key, safety }, bare });
  return bare ? undefined : decodeRecord(access.resource, label, answer);
}

/** Its id is told apart by its resource, `zendesk.ticket`; two providers number alike. */
function referencesOf({ label, resource }: ResourceAccess, record: unknown): Reference[] {
  return readReferences({ [label]: resource.id, ...resource.knownBy }, record);
}

/** How a record with these fields is found again; undefined without a declared way or without the field. */
function lookUpBy(safety: WriteSafety, fields: unknown): Readonly<Record<string, unknown>> | undefined {
  const readBack = readBackOf(safety);
  if (readBack === undefined) return undefined;
  const value = memberOf(fields, readBack.by);
  return value === undefined || value === null || value === "" ? undefined : { [readBack.by]: value };
}

/** An updated record has an id: where the provider can be asked for it, that is surer than a search. */
function findUpdated(access: ResourceAccess, safety: WriteSafety, id: unknown, fields: unknown): LookBack | undefined {
  if (readBackOf(safety) === undefined) return undefined;
  if (access.resource.get !== undefined) return () => getRecord(access, id);
  const by = lookUpBy(safety, fields);
  return by && (() => findRecord(access, by));
}

/** True when `actual` has everything that `expected` has; it may have more. */
function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return actual === expected;
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.entries(expected).every(([name, value]) => value === undefined || contains(memberOf(actual, name), value));
}

function missingField(label: string, readBack: ReadBack): BelayError {
  return httpError("CLIENT_INPUT_INVALID", `${label}, ${readBack.by}: is needed, because the record is found again by it.`, {
    details: { paths: [readBack.by] },
  });
}
