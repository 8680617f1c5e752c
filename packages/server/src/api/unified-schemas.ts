import { baseSchema, type UnifiedModel } from "@belay/sdk/models";
import { z } from "zod";
import { next, pageQuery, storable, tenantQuery, time } from "./schemas.ts";

/** What the unified API takes and answers, made of the models. */

const defaultMaxAgeSeconds = 3_600;

const place = storable
  .max(500)
  .optional()
  .describe("Live: where the records live, for providers that keep them in places, as a query: `owner=acme&repo=site`.");
const maxAge = z.coerce
  .number()
  .int()
  .min(0)
  .max(31_536_000)
  .default(defaultMaxAgeSeconds)
  .describe("Seconds. What is older is marked `stale`.");
const live = z.enum(["true", "false"]).default("false");

export const unifiedQuery = pageQuery.extend({
  ...tenantQuery.shape,
  connection: storable.optional().describe("Of this one only. Needed with `live`."),
  externalId: storable.optional().describe("The provider's id."),
  email: storable.max(320).optional().describe("Has this address, in any way of writing it. Not with `live`."),
  phone: storable.max(100).optional().describe("Has this telephone number, in E.164. Not with `live`."),
  updatedSince: time.optional().describe("Changed here at this time or later. Not with `live`."),
  maxAge,
  live: live.describe(
    "`true`: asks the provider, now. Gives the first `limit` of its own listing; further pages are read from what is kept.",
  ),
  place,
});

export const unifiedOneQuery = z.object({
  ...tenantQuery.shape,
  connection: storable.optional().describe("Needed with `live`."),
  maxAge,
  live: live.describe("`true`: asks the provider, now; the id is then the provider's."),
  place,
});

export const unifiedWriteQuery = z.object({ ...tenantQuery.shape, connection: storable.describe("Where it is written."), place });

export const neededKey = z.object({
  "idempotency-key": storable
    .max(200)
    .describe("Draw one for each request and send it with every repeat: the first answer is given again, for a day."),
});

/** The schemas of one model's routes. */
export interface UnifiedSchemas {
  readonly view: z.ZodType;
  readonly page: z.ZodType;
  readonly write: z.ZodType<Readonly<Record<string, unknown>>>;
}

/** Makes the schemas of one model's routes from its fields. */
export function unifiedSchemas(model: UnifiedModel): UnifiedSchemas {
  const data = baseSchema(model.fields);
  const name = `Unified${model.title}`;
  const { unread: _unread, custom: _custom, ...fields } = data.shape;
  const view = z
    .object({
      id: z.string().nullable().describe("The canonical id, ours; null for what is not kept."),
      data: data.meta({ id: name, description: `A record of the model ${model.model}; see docs/guide/unified.md.` }),
      source: z
        .object({
          provider: z.string().describe("The connector."),
          connection: z.string(),
          resource: z.string(),
          externalId: z.string(),
          url: z.string().nullable().describe("Where people see it at the provider."),
        })
        .describe("Where it comes from."),
      mapping: z.string().nullable().describe("The version of the mapping that made it."),
      readAt: time.nullable().describe("When the provider was last known to have it like this."),
      ageSeconds: z.number().int().nullable(),
      stale: z.boolean().describe("Older than `maxAge`, or of unknown age."),
      live: z.boolean().describe("Read from the provider just now."),
    })
    .meta({ id: `${name}View` });
  return {
    view,
    page: z.object({ items: z.array(view), next }).meta({ id: `${name}Page` }),
    // Nothing is known that would have to be there: each provider wants other fields.
    write: z
      .strictObject(fields)
      .partial()
      .meta({ id: `${name}Write` }),
  };
}
