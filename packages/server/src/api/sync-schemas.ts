import { z } from "zod";
import { next, pageQuery, storable, time } from "./schemas.ts";

export const syncParameter = z.object({ sync: storable.describe("The id of the sync.") });
export const syncsQuery = pageQuery.extend({
  tenant: storable.optional(),
  sync: storable.optional(),
  connection: storable.optional(),
});
export const atConnection = z.object({ tenant: storable.describe("Whose it is."), connection: storable });
export const atConnectionPage = pageQuery.extend(atConnection.shape);
export const runRequest = atConnection.extend({
  full: z.boolean().default(false).describe("Reads everything and maps it anew, instead of what has changed."),
});
export const pauseSyncRequest = atConnection.extend({ why: storable.max(500).describe("For whoever wonders later. No personal data.") });
export const undoRequest = atConnection.extend({ walk: z.number().int().min(1).describe("The number of the walk that has deleted them.") });
export const undoAnswer = z
  .object({
    restored: z.number().int().describe("How many records are back."),
    leftAlone: z.number().int().describe("How many were left as they are."),
    records: z
      .array(z.object({ externalId: z.string(), why: z.enum(["came-back", "too-late", "unreadable"]) }))
      .describe("Those, the first 1,000. `came-back`: by itself, or it was changed since."),
    paused: z.boolean().describe("The sync was paused for it, so that its next walk does not delete them again."),
  })
  .meta({ id: "UndoneDeletes" });
export const ofTenant = z.object({ tenant: storable.describe("Whose they are.") });
export const settingsRequest = ofTenant.extend({
  settings: z.record(z.string(), z.unknown()).describe("As the sync's schema wants them."),
});

const count = z.number().int();

const walkShape = {
  id: z.number().int(),
  kind: z
    .enum(["first", "full", "incremental", "reconcile"])
    .describe("`first` and `full` read everything, `incremental` what has changed."),
  state: z
    .enum(["open", "complete", "incomplete", "failed", "stopped"])
    .describe("`incomplete`: its pages led nowhere. `failed`: nothing more is tried with it."),
  pages: count,
  seen: count.describe("Records that came."),
  created: count,
  updated: count,
  unchanged: count,
  deleted: count,
  troubled: count.describe("Records that could not be taken."),
  expected: count.nullable().describe("How many records there will be, as far as it is known."),
  proof: z
    .object({
      kind: z.string().describe("By which sign the provider told the end."),
      covers: z.enum(["all", "changes"]),
      pages: count,
      records: count,
      passes: count.describe("How often it began from the start."),
    })
    .nullable()
    .describe("That it saw everything; only then is what it has not seen deleted."),
  whyNoProof: z.string().nullable().describe("Why there is none: the reasons, with a space between them."),
  code: z.string().nullable().describe("What it failed with."),
  startedAt: time,
  movedAt: time.describe("When its newest page was kept."),
  endedAt: time.nullable(),
  tookMs: z.number(),
};

const walk = z.object(walkShape).meta({ id: "Walk" });

const sync = z
  .object({
    tenant: z.string(),
    sync: z.string(),
    connection: z.string(),
    state: z
      .enum(["walking", "idle", "paused", "waits-for-settings", "gone"])
      .describe("`gone`: the configuration has it no more, its records are kept."),
    every: z.string().nullable(),
    nextDue: time.nullable(),
    records: count.describe("Records that are there."),
    troubles: count.describe("Records that could not be taken and wait, with their reasons."),
    pausedAt: time.nullable(),
    pausedBy: z.string().nullable(),
    pausedWhy: z.string().nullable(),
    lastCompleteAt: time.nullable().describe("When a walk last came to its end."),
    lastProvenAt: time.nullable().describe("When a walk last proved that it saw everything."),
    deletesHeld: count.describe(
      "Records that are missing at the provider, or that it has named as deleted, and that wait for an approval to be deleted.",
    ),
    deletesHeldUntil: time
      .nullable()
      .describe(
        "After that missing ones are kept until a walk misses them again; about those that the provider has named the next walk asks again.",
      ),
    walk: z
      .object({
        ...walkShape,
        share: z.number().nullable().describe("How far it has come, 0 to 1."),
        perSecond: z.number().nullable().describe("Records a second."),
        etaSeconds: z.number().int().nullable().describe("When it ends at this pace."),
      })
      .nullable()
      .describe("The newest."),
  })
  .meta({ id: "Sync", description: "A sync at one connection." });

export const syncPage = z.object({ items: z.array(sync), next }).meta({ id: "SyncPage" });
export const walkPage = z.object({ items: z.array(walk) }).meta({ id: "WalkPage" });

export const troublePage = z
  .object({
    items: z.array(
      z.object({
        externalId: z.string().describe("The provider's id of the record; one that begins with # stands for a record without."),
        code: z.string(),
        reason: z.string().nullable(),
        raw: z.unknown().describe("The record as it came."),
        walk: z.number().int(),
        at: time,
      }),
    ),
    next,
  })
  .meta({ id: "RecordTroublePage" });

export const pendingDeletePage = z
  .object({
    items: z.array(
      z.object({
        externalId: z.string().describe("The provider's id of the record."),
        record: z.string().nullable().describe("Its canonical id. null: it is gone already."),
        why: z
          .enum(["missing", "named"])
          .describe(
            "missing: a walk through everything has not seen it; named: the provider has said that it is deleted, or the mapping leaves it out.",
          ),
        walk: z.number().int().describe("The walk that found it so."),
      }),
    ),
    next,
  })
  .meta({ id: "PendingDeletePage" });

export const settingsAnswer = z.object({ settings: z.unknown().describe("null: the tenant has none.") }).meta({ id: "SyncSettings" });
