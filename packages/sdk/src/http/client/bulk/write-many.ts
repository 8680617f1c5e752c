import type { BulkKind, BulkOperation, UpsertManyOperation } from "../../../connector/bulk.ts";
import { safetyOfItem } from "../../../connector/bulk.ts";
import type { ItemOutcome } from "../../../connector/client-types.ts";
import type { CreateOperation, UpdateOperation } from "../../../connector/types.ts";
import { isBelayError } from "../../../errors/belay-error.ts";
import type { BelayError } from "../../../errors/belay-error.ts";
import { httpError } from "../../errors.ts";
import { memberOf } from "../decode-record.ts";
import { checkInput } from "../encode-input.ts";
import type { ResourceAccess } from "../resource-access.ts";
import { finishCreate, finishUpdate, finishUpsert, takeSlot } from "../write-record.ts";
import type { Slot } from "../write-record.ts";
import { collectorOf } from "./collect.ts";

type Outcomes = Promise<readonly ItemOutcome<unknown>[]>;

/** Creates many records; one outcome for each, in their order. */
export function createManyRecords(
  access: ResourceAccess,
  { input: schema }: CreateOperation<unknown>,
  many: BulkOperation,
  inputs: unknown,
): Outcomes {
  const label = `${access.label}.createMany`;
  const how = { safety: safetyOfItem(many.safety), many };
  return writeMany(access, many, "create", inputs, async (slot, input) => {
    const fields = await checkInput(schema, label, input);
    return () => finishCreate(access, { label, fields, slot, ...how });
  });
}

/** Changes many records, each given as `{ id, input }`. */
export function updateManyRecords(
  access: ResourceAccess,
  { input: schema }: UpdateOperation<unknown>,
  many: BulkOperation,
  changes: unknown,
): Outcomes {
  const label = `${access.label}.updateMany`;
  const how = { safety: safetyOfItem(many.safety), many };
  return writeMany(access, many, "update", changes, async (slot, change) => {
    const fields = await checkInput(schema, label, memberOf(change, "input"));
    return () => finishUpdate(access, { label, id: memberOf(change, "id"), fields, slot, ...how });
  });
}

/** Changes or creates many records. */
export function upsertManyRecords(access: ResourceAccess, many: UpsertManyOperation<unknown>, inputs: unknown): Outcomes {
  const label = `${access.label}.upsertMany`;
  return writeMany(access, many, "upsert", inputs, async (slot, input) => {
    const fields = await checkInput(many.input, label, input);
    return () => finishUpsert(access, many, { label, fields, slot });
  });
}

/** Checks an item; what it gives sends it. */
type Prepare = (slot: Slot, input: unknown) => Promise<() => Promise<unknown>>;

async function writeMany(access: ResourceAccess, many: BulkOperation, kind: BulkKind, inputs: unknown, prepare: Prepare): Outcomes {
  if (!Array.isArray(inputs))
    throw httpError("CLIENT_INPUT_INVALID", `${access.label}.${kind}Many: give a list.`, { details: { paths: [""] } });
  // Before the first await, as for single writes: the place in the list decides which key is whose.
  const prepared = await Promise.allSettled(inputs.map((input: unknown) => prepare(takeSlot(), input)));
  const ended = prepared.map(async (ready) => {
    if (ready.status === "rejected") throw ready.reason;
    return await ready.value();
  });
  // Here nobody else is to come. What looks for its record first will find its way into a later call.
  collectorOf(access, many, kind).flush();
  const settled = await Promise.allSettled(ended);
  const again = settled.flatMap((one) => (one.status === "rejected" && !isFinal(one.reason) ? [one.reason as unknown] : []));
  if (again.length > 0) throw worst(again);
  return settled.map((one) =>
    one.status === "fulfilled" ? { ok: true, record: one.value } : { ok: false, error: one.reason as BelayError },
  );
}

/** No repetition changes it, and it says nothing about the others. */
function isFinal(error: unknown): boolean {
  return isBelayError(error) && error.retry === "never";
}

/** One that counts as an attempt stands above those for which the mailbox would only wait. */
function worst(errors: readonly unknown[]): unknown {
  return errors.find((error) => !isBelayError(error) || error.details["waits"] !== true) ?? errors[0];
}
