import { z } from "zod";
import { lanes } from "../mailbox/index.ts";
import { pauseScopes } from "../traffic/index.ts";
import { storable, time } from "./schemas.ts";

const pauseScope = z.enum(pauseScopes).describe("What is paused.");

export const pauseOrder = z.object({
  scope: pauseScope,
  id: storable.describe("Of the tenant, connection, flow or connector."),
  tenant: storable.optional().describe("Of this tenant only, for a flow or a connector. Default: of all."),
});
export const pauseRequest = pauseOrder.extend({ why: storable.max(500).describe("For whoever wonders later. No personal data.") });

export const pauses = z
  .object({
    items: z.array(
      z.object({
        scope: pauseScope,
        id: z.string(),
        tenant: z.string().nullable().describe("null: of all tenants."),
        why: z.string(),
        pausedBy: z.string().describe("As in the audit log."),
        pausedAt: time,
      }),
    ),
  })
  .meta({ id: "Pauses" });

const weightNumber = z.number().min(0.01).max(100);
const laneName = z.enum(lanes);

export const weightRequest = z
  .object({
    tenant: storable.optional(),
    lane: laneName.optional(),
    weight: weightNumber.nullable().describe("How many times what one with a weight of 1 gets. null: back to its default."),
  })
  .refine(({ tenant, lane }) => (tenant === undefined) !== (lane === undefined), "name a tenant or a lane, and not both");

export const weights = z
  .object({
    lanes: z.object({ interactive: weightNumber, event: weightNumber, sync: weightNumber, backfill: weightNumber }),
    tenants: z.record(z.string(), weightNumber).describe("Those whose weight is not 1."),
  })
  .meta({ id: "Weights" });

export const backlog = z
  .object({
    items: z.array(
      z.object({
        tenant: z.string(),
        waiting: z.number().int().describe("Messages that were taken in and have not ended, as of about a second ago."),
        finishedPerSecond: z.number().describe("Lately; it halves in half a minute without work."),
        etaSeconds: z.number().int().nullable().describe("When all of it is done at this pace. null: nothing was finished lately."),
        oldestMs: z.number().int().nullable().describe("Since the oldest of it came in."),
      }),
    ),
  })
  .meta({ id: "Backlog" });
