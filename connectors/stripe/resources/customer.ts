import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const text = z.string().nullish();

/** A customer as Stripe answers it; only fields that flows use, and of those only what every API version has in the same place. */
const record = z.object({
  id: z.string(),
  object: z.literal("customer"),
  email: text,
  name: text,
  phone: text,
  description: text,
  metadata: z.record(z.string(), z.string()).nullish(),
  /** Unix seconds. */
  created: z.number().int(),
  livemode: z.boolean(),
});

/** An empty text clears the field. Of `metadata` only the given keys change. */
const create = z
  .strictObject({
    email: z.string().max(512),
    name: z.string().max(256),
    phone: z.string().max(20),
    description: z.string(),
    metadata: z.record(z.string().min(1).max(40), z.string().max(500)),
  })
  .partial();

export type Customer = Infer<typeof record>;
export type CustomerWrite = Infer<typeof create>;

/**
 * A customer. Stripe keeps idempotency keys for at least 24 hours, for creates and updates. Nothing about a customer is unique, so
 * after that time an unknown outcome stays unknown: keep your own id in `metadata`.
 *
 * A listing holds the newest first; `find` takes the newest with exactly this e-mail address.
 *
 * @see https://docs.stripe.com/api/customers
 * @see https://docs.stripe.com/api/pagination
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export const customer = {
  path: "/v1/customers",
  id: "id",
  schema: record,
  wrap: { many: "data" },
  create: { input: create, safety: { kind: "key", header: "Idempotency-Key", keptFor: "24h" } },
  get: {},
  update: { input: create, method: "POST", safety: { kind: "key", header: "Idempotency-Key", keptFor: "24h" } },
  find: { by: ["email"], style: { kind: "query" } },
  list: {
    paging: { kind: "keyset", parameter: "starting_after", more: "has_more" },
    size: { parameter: "limit", default: 10, max: 100 },
    filters: {
      email: {},
      "created[gt]": { field: "created", test: "above" },
      "created[gte]": { field: "created", test: "atLeast" },
      "created[lt]": { field: "created", test: "below" },
      "created[lte]": { field: "created", test: "atMost" },
    },
    order: { by: "created", direction: "descending" },
  },
} as const satisfies Resource;
