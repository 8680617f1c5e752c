import { z } from "zod";
import { discrepancyClasses, type DiscrepancyReason, discrepancyReasons } from "../reconcile/index.ts";
import { next, pageQuery, time } from "./schemas.ts";
import { atConnection, syncParameter } from "./sync-schemas.ts";

const count = z.number().int();

export const reconcileRequest = atConnection.extend({
  sample: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("The share of the records that is compared field by field. Default: what the sync says, else 0.01."),
});

export const reconciliationParameter = syncParameter.extend({ id: z.coerce.number().int().positive().describe("The comparison.") });

export const repairRequest = atConnection.extend({
  most: z.number().int().min(1).max(1_000_000).describe("So many records are touched at most."),
  approveDeletes: z.boolean().default(false).describe("Deletes also where there are more than the sync deletes without an approval."),
});

export const discrepanciesQuery = pageQuery.extend({
  ...atConnection.shape,
  class: z.enum(discrepancyClasses).optional(),
});

const reconciliation = z
  .object({
    id: count,
    state: z
      .enum(["waiting", "walking", "equal", "planned", "unproven", "failed", "applied"])
      .describe(
        "`equal`: everything was seen, and nothing found. `planned`: what was found can be repaired. `unproven`: nothing was found, and it cannot be said that all is equal.",
      ),
    sample: z.number().describe("The share of the records that is compared field by field."),
    wantedBy: z.string().describe("Who asked for it; `schedule`: the sync itself."),
    wantedAt: time,
    walk: count.nullable().describe("The walk that reads for it."),
    mapping: z.string().nullable().describe("The version of the mapping that it compares by."),
    beganAt: time.nullable(),
    endedAt: time.nullable(),
    kept: count.nullable().describe("How many records were kept when it began."),
    told: count.nullable().describe("How many there are, as the provider says."),
    compared: count.describe("Records that were listed and compared."),
    windows: count.describe("Pages, each compared by one checksum first."),
    windowsEqual: count.describe("Those whose checksums agreed."),
    sampled: count.describe("Records whose contents were compared field by field."),
    troubled: count.describe("Records that could not be mapped: nothing can be said of them."),
    moved: count.describe("Records that changed while they were compared."),
    proven: z.boolean().describe("The listing was seen to its end; without that nothing is extra."),
    whyUnproven: z.string().nullable().describe("What keeps it from proving that all is equal: reasons with a space between them."),
    code: z.string().nullable().describe("What it failed with."),
    found: z.object(
      Object.fromEntries(discrepancyClasses.map((name) => [name, count])) as Record<(typeof discrepancyClasses)[number], typeof count>,
    ),
    open: count.describe("Discrepancies that are left to be repaired."),
    applied: count.describe("Those that were repaired."),
    skipped: count.describe("Those that were left alone: the records had changed since."),
  })
  .meta({ id: "Reconciliation", description: "A comparison of what is kept with what the provider lists." });

export const reconciliationAnswer = reconciliation;

export const reconciliationPage = z
  .object({
    items: z.array(reconciliation),
    provenEqualAt: time.nullable().describe("When the newest comparison began that proved both sides equal."),
    next,
  })
  .meta({ id: "ReconciliationPage" });

const reasons = Object.keys(discrepancyReasons) as [DiscrepancyReason, ...DiscrepancyReason[]];

export const discrepancyPage = z
  .object({
    items: z.array(
      z.object({
        externalId: z.string(),
        class: z.enum(discrepancyClasses),
        why: z.enum(reasons),
        repair: z.enum(["write", "delete", "relink"]),
        state: z.enum(["open", "applied", "skipped"]),
        whySkipped: z
          .enum(["changed-since", "walked-since", "unreadable"])
          .nullable()
          .describe("`walked-since`: a walk may have seen it since, and it is not deleted."),
        record: z.string().nullable().describe("Its canonical id; null: there is no record."),
        version: z.number().nullable(),
        other: z
          .string()
          .nullable()
          .describe(
            "Of what is kept twice, the id of the other; of what is linked wrongly, the canonical id that is right (null: a new one).",
          ),
        fields: z.array(z.string()).describe("Where what is kept differs; at most 20."),
        data: z.unknown().describe("What the provider listed, mapped."),
      }),
    ),
    next,
  })
  .meta({ id: "DiscrepancyPage" });

export const repairedAnswer = z
  .object({
    applied: count,
    skipped: count.describe("Changed since they were compared, or possibly seen again: left alone."),
    held: count.describe("Deletes that are more than the sync deletes without an approval."),
    left: count.describe("What is left, with those that are held. Ask again until nothing is left but those."),
    waits: z.boolean().describe("The rest cannot be deleted while a walk of the sync is under way."),
  })
  .meta({ id: "Repaired" });
