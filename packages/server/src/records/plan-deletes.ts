import type { DeletedRecord } from "@belay/sdk/sync";
import { planPage, type PlanParts } from "./plan-page.ts";
import type { PagePlan, RecordOrigin } from "./types.ts";

/** What it changes that records of the provider are gone. Those that are deleted already, and those that nobody knows, are left out. */
export async function planDeletes(parts: PlanParts, origin: RecordOrigin, externalIds: readonly string[]): Promise<PagePlan> {
  const records = externalIds.map((externalId): DeletedRecord => ({ kind: "deleted", externalId, version: null }));
  return await planPage(parts, origin, records);
}
