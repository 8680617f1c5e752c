import { randomUUID } from "node:crypto";
import type { BulkOperation, UpsertManyOperation } from "../../connector/bulk.ts";
import { safetyOfItem } from "../../connector/bulk.ts";
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
import { writeCollected } from "./bulk/collect.ts";
import { call } from "./call.ts";
import { decodeRecord, fieldsOf, memberOf } from "./decode-record.ts";
import { checkInput, wrapFields } from "./encode-input.ts";
import { findRecord, getRecord } from "./read-record.ts";
import { recordPath } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";
import { writeOnce } from "./write-once.ts";
import { writeWhole } from "./write-whole.ts";
import type { WholePorts } from "./write-whole.ts";
import type { LookBack } from "./write-once.ts";

/** Creates a record. The record of an earlier attempt, found again, is the answer too. */
export async function createRecord(access: ResourceAccess, declared: CreateOperation<unknown>, input: unknown): Promise<unknown> {
  const slot = takeSlot();
  const label = `${access.label}.create`;
  const fields = await checkInput(declared.input, label, input);
  return finishCreate(access, { label, fields, slot, ...howOf(declared, access.resource.createMany) });
}

/** Changes a record. Found with all its new values, it counts as changed. Undefined where the provider returns nothing. */
export async function updateRecord(
  access: ResourceAccess,
  declared: UpdateOperation<unknown>,
  id: unknown,
  input: unknown,
): Promise<unknown> {
  const slot = takeSlot();
  const label = `${access.label}.update`;
  const fields = await checkInput(declared.input, label, input);
  return finishUpdate(access, { label, id, fields, slot, ...howOf(declared, access.resource.updateMany) });
}

/** Changes the record that has this value of the operation's field, or creates it; always by the call for many. */
export async function upsertRecord(access: ResourceAccess, many: UpsertManyOperation<unknown>, input: unknown): Promise<unknown> {
  const slot = takeSlot();
  const label = `${access.label}.upsert`;
  const fields = await checkInput(many.input, label, input);
  return finishUpsert(access, many, { label, fields, slot });
}

/** How a checked write is sent: by itself, or with others. */
interface How {
  readonly safety: WriteSafety;
  /** It is sent with others. */
  readonly many: BulkOperation | undefined;
}

interface Checked {
  readonly label: string;
  readonly fields: unknown;
  readonly slot: Slot;
}

function howOf({ safety }: { readonly safety: WriteSafety }, many: BulkOperation | undefined): How {
  return many === undefined || many.collect === false ? { safety, many: undefined } : { safety: safetyOfItem(many.safety), many };
}

export async function finishCreate(access: ResourceAccess, { label, fields, slot, safety, many }: Checked & How): Promise<unknown> {
  const declared = access.resource.create;
  const by = lookUpBy(safety, fields);
  if (safety.kind === "readBack" && by === undefined) throw missingField(label, safety.readBack);
  const single: WritePart = { label, declared, method: "POST", path: access.path, fields, safety, bare: false, ...slot };
  const record = await writeOnce(access, {
    label,
    safety,
    step: slot.step,
    lookBack: by && (() => findRecord(access, by)),
    transmit: () => (many ? writeCollected(access, many, "create", { id: undefined, fields, ...slot }) : transmit(access, single)),
  });
  slot.step?.context.onCreated?.(referencesOf(access, record));
  return record;
}

export async function finishUpdate(
  access: ResourceAccess,
  { label, id, fields, slot, safety, many }: Checked & How & { readonly id: unknown },
): Promise<unknown> {
  const { update: declared } = access.resource;
  const path = recordPath(access, label, id);
  const find = findUpdated(access, safety, id, fields);
  if (safety.kind === "readBack" && find === undefined) throw missingField(label, safety.readBack);
  const lookBack: LookBack | undefined =
    find &&
    (async () => {
      const record = await find();
      return contains(fieldsOf(access.resource, record), fields) ? record : undefined;
    });
  const bare = declared?.returns === "nothing";
  const single: WritePart = { label, declared, method: declared?.method ?? "PUT", path, fields, safety, bare, ...slot };
  const record = await writeOnce(access, {
    label,
    safety,
    step: slot.step,
    lookBack,
    transmit: () => {
      if (declared?.whole !== undefined) return writeWhole({ ...declared.whole, id, fields }, wholeWrite(access, single));
      return many ? writeCollected(access, many, "update", { id, fields, ...slot }) : transmit(access, single);
    },
  });
  return bare ? undefined : record;
}

export async function finishUpsert(
  access: ResourceAccess,
  many: UpsertManyOperation<unknown>,
  { label, fields, slot }: Checked,
): Promise<unknown> {
  const safety = safetyOfItem(many.safety);
  const id = memberOf(fields, many.by);
  if (id === undefined || id === null || id === "") throw missingField(label, many);
  const by = lookUpBy(safety, fields);
  const lookBack: LookBack | undefined =
    by &&
    (async () => {
      const record = await findRecord(access, by);
      return contains(fieldsOf(access.resource, record), fields) ? record : undefined;
    });
  const record = await writeOnce(access, {
    label,
    safety,
    step: slot.step,
    lookBack,
    transmit: () => writeCollected(access, many, "upsert", { id, fields, ...slot }),
  });
  slot.step?.context.onCreated?.(referencesOf(access, record));
  return record;
}

export interface Slot {
  readonly step: Operation | undefined;
  readonly key: string;
}

interface WritePart extends Slot {
  readonly label: string;
  readonly declared: OperationOptions | undefined;
  readonly method: Method;
  readonly path: string;
  readonly fields: unknown;
  readonly safety: WriteSafety;
  /** Its answer is not read. */
  readonly bare: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Must run before the first await: the order of calls decides which key is whose. Outside any step, a key of its own. */
export function takeSlot(): Slot {
  const step = currentOperation();
  return { step, key: step?.nextKey() ?? randomUUID() };
}

async function transmit(access: ResourceAccess, write: WritePart): Promise<unknown> {
  const { label, declared, method, path, headers = {}, step, key, safety, bare } = write;
  const value = wrapFields(access.resource, write.fields);
  const answer = await call(access, { label, declared, method, path, value, headers, operation: step, write: { key, safety }, bare });
  return bare ? undefined : decodeRecord(access.resource, label, answer);
}

function wholeWrite(access: ResourceAccess, write: WritePart): WholePorts {
  return {
    read: async (id) => {
      const record = await getRecord(access, id);
      return record === undefined ? undefined : { record, fields: fieldsOf(access.resource, record) };
    },
    send: (fields, headers) => transmit(access, { ...write, fields, headers }),
    contains,
  };
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

function missingField(label: string, readBack: Pick<ReadBack, "by">): BelayError {
  return httpError("CLIENT_INPUT_INVALID", `${label}, ${readBack.by}: is needed, because the record is found again by it.`, {
    details: { paths: [readBack.by] },
  });
}
