import { currentOperation } from "../operation-context.ts";
import { call } from "./call.ts";
import { recordPath } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";
import { takeSlot } from "./write-record.ts";

/** Deletes a record. One that is not there counts as deleted: an earlier attempt may have done it. */
export async function deleteRecord(access: ResourceAccess, id: unknown): Promise<void> {
  const { key } = takeSlot();
  const label = `${access.label}.delete`;
  await call(access, {
    label,
    declared: access.resource.delete,
    method: "DELETE",
    path: recordPath(access, label, id),
    operation: currentOperation(),
    write: { key, safety: { kind: "natural" } },
    absentOn404: true,
    bare: true,
  });
}
