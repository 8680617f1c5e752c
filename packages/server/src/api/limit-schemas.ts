import { z } from "zod";
import { time } from "./schemas.ts";

/** What the API says of providers' limits. */

const limit = z
  .object({
    requests: z.number().nullable().describe("How much may be used within `perMs`; null: only what is under way at once is limited."),
    perMs: z.number(),
    align: z.string().nullable().describe("The time zone by whose clock windows begin; null: any stretch of time counts."),
    concurrent: z.number().nullable().describe("How many requests may be under way at once; null: any number."),
    used: z.number().describe("What the provider has counted, and what workers hold to spend it next."),
    remaining: z.number().nullable(),
    waiting: z
      .object({ interactive: z.number(), event: z.number(), sync: z.number(), backfill: z.number() })
      .describe(
        "What calls of all connections that share it wait for in workers at this moment. Messages that were told to come again later: see `waits`.",
      ),
    underWay: z.number().describe("Places for requests under way that workers hold."),
    freeAt: time.nullable().describe("When there will be room again; null while there is."),
    usedUpAt: time.nullable().describe("When it will be used up at the present pace; null if it will not before more is free."),
    resetAt: time.nullable().describe("When the window ends, where it ends by the clock."),
  })
  .meta({ id: "LimitStanding" });

export const limitsOfConnection = z
  .object({
    connection: z.string(),
    tenant: z.string(),
    connector: z.string(),
    budgets: z.array(
      z
        .object({
          key: z
            .string()
            .describe("What is counted together: `connection:…`, `account:…`, `tenant:…` or `app:…`, and the endpoint, if it is one's."),
          endpoint: z.string().nullable().describe("Whose calls alone it counts; null: all calls."),
          sharedByTenants: z.boolean(),
          blockedUntil: time.nullable().describe("The provider said that nobody may come before."),
          limits: z.array(limit),
          usage: z
            .object({
              since: time.nullable(),
              flows: z.array(z.object({ flow: z.string().describe("Empty: calls of no flow, such as proxied ones."), units: z.number() })),
              others: z.number().describe("Used by other tenants."),
            })
            .describe("Who used it, this hour."),
        })
        .meta({ id: "BudgetStanding" }),
    ),
    waits: z
      .array(
        z.object({
          lane: z.enum(["interactive", "event", "sync", "backfill"]),
          messages: z.number().describe("Messages that wait or run, counted up to 10,000."),
          oldest: time.describe("When the first of them came in."),
          goesOnAt: time.nullable().describe("When the lane is looked at again; null: it is worked on, or stands in line."),
          why: z.string().nullable().describe("The code of what it waits for until then, such as HTTP_BUDGET_EXHAUSTED."),
        }),
      )
      .describe("What waits to be written to this connection; lanes in which nothing does are left out."),
    doneAtEarliest: time
      .nullable()
      .describe(
        "When all that waits can have been sent at the earliest, one call a message, if nobody else uses these budgets; null: nothing waits, or no limit says so.",
      ),
  })
  .meta({ id: "LimitsOfConnection", description: "What a connection may still send under its provider's limits." });
