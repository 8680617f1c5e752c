import { z } from "zod";
import { storable, time } from "./schemas.ts";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "takes letters, digits, dots, dashes and underscores, at most 100");
const ofTenant = storable
  .optional()
  .describe("Whose consumer it is: it reads the changes of this tenant. Default: the installation's, which reads those of all tenants.");
const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const place = z.object({ tenant: storable, position: position.describe("In the feed of this tenant.") });

export const changesQuery = z.object({
  consumer: name,
  tenant: ofTenant,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe("Most changes. Their contents are at most 4 MB together, or one change."),
  lease: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe("Seconds after which they come again unless they were acknowledged."),
  wait: z
    .string()
    .regex(/^(?:[1-9]|1\d|20)s$/, "1s to 20s")
    .optional()
    .describe("Where nothing is new, wait so long for something: `20s` at most. Default: answer at once."),
});

const change = z
  .object({
    tenant: z.string(),
    position: position.describe("Of the tenant's changes: dense, in the order of commit. A filter leaves some out."),
    model: z.string(),
    record: z.string().describe("The canonical id."),
    kind: z.enum(["created", "updated", "deleted", "restored", "merged", "unmerged"]),
    at: time,
    connection: z.string().nullable(),
    sync: z.string().nullable(),
    previous: position.nullable().describe("Where the version was that this one replaced."),
    data: z.unknown().describe("The canonical record; null after a deletion."),
    sealed: z.boolean().describe("Its contents cannot be read any more: the tenant's keys have been destroyed."),
  })
  .meta({ id: "Change", description: "A version of a record." });

export const changeBatch = z
  .object({
    items: z.array(change).describe("Of each tenant in the order of commit."),
    batch: z.string().nullable().describe("To acknowledge them by. null: there is nothing new that nobody holds."),
    newestOnly: z.array(z.string()).describe("Tenants of whose old changes only the newest of each record are left, deletions included."),
  })
  .meta({ id: "ChangeBatch" });

export const acknowledgement = z.object({
  consumer: name,
  tenant: ofTenant,
  batch: z.string().max(100),
  through: z
    .array(place)
    .max(1_000)
    .optional()
    .describe("Where less was done than was given: the last position that was. What follows comes again."),
});

export const acknowledged = z
  .object({
    positions: z.array(place).describe("Where the consumer stands now."),
    lost: z
      .number()
      .int()
      .describe(
        "Tenants of the batch that another reader holds by now, because the lease ran out: their changes come again, or came to the other.",
      ),
  })
  .meta({ id: "Acknowledged" });

export const consumerParameter = z.object({ name });
export const ownerQuery = z.object({ tenant: ofTenant });

export const consumerWish = z.object({
  tenant: ofTenant,
  from: z.enum(["start", "end"]).describe("start: the newest version of every record, and then what comes. end: only what comes."),
  models: z.array(storable).min(1).max(100).optional().describe("Only of these. Default: all."),
  connections: z.array(storable).min(1).max(1_000).optional().describe("Only what came from these. Default: all."),
});

export const definedConsumer = z
  .object({
    count: z.number().int(),
    unknownModels: z
      .array(z.string())
      .describe("Models of the filter that no sync of the configuration has: nothing comes of them until one does."),
  })
  .meta({ id: "DefinedConsumer" });

export const consumers = z
  .object({
    items: z.array(
      z
        .object({
          name: z.string(),
          models: z.array(z.string()).nullable(),
          connections: z.array(z.string()).nullable(),
          createdAt: time,
          readAt: time.nullable().describe("When it last asked."),
          behind: z.number().int().describe("Changes that it has not acknowledged, those that its filter leaves out included."),
          tenants: z.number().int().describe("Of how many tenants."),
        })
        .meta({ id: "Consumer" }),
    ),
  })
  .meta({ id: "Consumers" });

export const rewindOrder = z.object({
  tenant: ofTenant,
  to: z
    .union([z.enum(["start", "end"]), z.object({ position }), z.object({ time })])
    .describe("The next change is the first behind this position, or of this time or later."),
  feed: storable
    .optional()
    .describe(
      "Only in the changes of this tenant. Default: of all that it reads. A position needs it, unless the consumer reads one tenant.",
    ),
  newestOnly: z
    .boolean()
    .default(false)
    .describe("Whether the newest version of each record is enough where others are not kept any more. Always so for start."),
});
