import { registers } from "@belay/sdk";
import { z } from "zod";
import { standings } from "../two-way/index.ts";
import { failureClass, next, owner, pageQuery, recovery, storable, tenantQuery, time } from "./schemas.ts";

export const twoWayParameter = z.object({ twoWay: storable.describe("The id of the two-way sync.") });
export const linkParameter = twoWayParameter.extend({ record: storable.describe("The canonical id of the thing.") });
export const twoWaysQuery = pageQuery.extend({ tenant: storable.optional(), twoWay: storable.optional() });
export const linksQuery = pageQuery.extend({ ...tenantQuery.shape, stands: z.enum(standings).optional() });
export const conflictsQuery = pageQuery.extend({ ...tenantQuery.shape, record: storable.optional().describe("Of this thing only.") });
export const tellingQuery = tenantQuery.extend({ for: z.enum(registers).default("engineer").describe("Who reads it.") });
export const retryRequest = tenantQuery.extend({ record: storable.optional().describe("This one only. Default: all.") });
export const decisionRequest = tenantQuery
  .extend({
    record: storable.describe("The canonical id of the thing."),
    field: storable,
    side: z.enum(["a", "b"]).optional().describe("What this side has is to hold."),
    value: z.unknown().optional().describe("This is to hold, as the model has it. Instead of `side`."),
  })
  .refine((body) => Object.hasOwn(body, "value") !== (body.side !== undefined), {
    path: ["side"],
    message: "say whose value is to hold, a or b; or give a value",
  });

const side = z.enum(["a", "b"]);
const count = z.number().int();

const sideOfTwoWay = z.object({
  sync: z.string().describe("The sync that reads it."),
  connector: z.string(),
  connection: z.string().nullable().describe("null: it is not clear which; see `blocked`."),
});

const standing = z
  .enum(standings)
  .describe(
    "`waiting`: to be merged, written or looked for. `equal`: as far as the rules want it. `held`: somebody has to decide. `failed`: a write was given up. `gone` from both sides.",
  );

export const twoWayPage = z
  .object({
    items: z.array(
      z
        .object({
          tenant: z.string(),
          twoWay: z.string(),
          a: sideOfTwoWay,
          b: sideOfTwoWay,
          blocked: z
            .object({ side, why: z.enum(["no-connection", "several-connections"]) })
            .nullable()
            .describe("Why it does not run for this tenant."),
          links: z.object({ waiting: count, equal: count, held: count, failed: count, gone: count }).describe("How many things stand how."),
          conflicts: count.describe("Fields that wait for somebody's decision."),
          behind: count.nullable().describe("Changes of the tenant's records that were not looked at yet; null: it has not begun."),
        })
        .meta({ id: "TwoWay", description: "How a two-way sync stands for a tenant." }),
    ),
    next,
  })
  .meta({ id: "TwoWayPage" });

const linkShape = {
  tenant: z.string(),
  twoWay: z.string(),
  record: z.string().describe("The canonical id, ours."),
  stands: standing,
  awaits: side.nullable().describe("The side in which it is looked for before it is created there."),
  code: z.string().nullable().describe("Why a write was given up, or waits for another look."),
  at: time.describe("When it was merged last."),
};

export const linkPage = z
  .object({
    items: z.array(
      z
        .object({
          ...linkShape,
          a: z.string().nullable().describe("The id of its record at side a; null: none was merged."),
          b: z.string().nullable().describe("The same of side b."),
        })
        .meta({ id: "TwoWayLink" }),
    ),
    next,
  })
  .meta({ id: "TwoWayLinkPage" });

const sideRecord = z
  .object({
    connection: z.string(),
    resource: z.string(),
    externalId: z.string(),
    data: z.unknown().describe("null: it is deleted there."),
    version: z.number().nullable().describe("As its source counts it."),
    merged: z.boolean().describe("Whether just this was merged; if not, it is to be."),
  })
  .nullable();

export const thing = z
  .object({
    ...linkShape,
    a: sideRecord.describe("What side a has; null: it has none."),
    b: sideRecord.describe("What side b has."),
    holds: z.unknown().describe("What both have, or get, by the last merge; null: it was never merged, or is deleted."),
    held: z.array(z.string()).describe("Fields that wait for somebody's decision."),
    message: count.nullable().describe("The dead letter of its write that was given up: its story has every attempt."),
  })
  .meta({ id: "TwoWayThing", description: "A thing of a two-way sync, with what both sides have of it." });

export const toldLink = z
  .object({
    register: z.enum(registers),
    happened: z.string(),
    remedy: z.string().nullable().describe("null: nothing is to be done."),
    class: failureClass.nullable(),
    owner: owner.nullable(),
    recovery: recovery.nullable(),
    code: z.string().nullable().describe("This and the next are for support and engineers only."),
    meaning: z.string().nullable(),
  })
  .meta({ id: "ToldLink", description: "Why a thing stands as it does, in the words of one reader." });

export const conflictPage = z
  .object({
    items: z.array(
      z
        .object({
          tenant: z.string(),
          twoWay: z.string(),
          record: z.string(),
          field: z.string(),
          a: z.unknown().describe("What side a has."),
          b: z.unknown().describe("What side b has."),
          base: z.unknown().optional().describe("What both had before; left out: they have never agreed."),
          versions: z.object({ a: z.number().nullable(), b: z.number().nullable() }).describe("As the sources count them."),
          decidedBy: z.string().nullable().describe("Who has decided; it is written soon. null: nobody has."),
          at: time.describe("When it was found."),
        })
        .meta({ id: "TwoWayConflict", description: "A field that both sides have changed, and about which no rule decides." }),
    ),
    next,
  })
  .meta({ id: "TwoWayConflictPage" });
