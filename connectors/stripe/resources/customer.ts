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
  address: z.object({ line1: text, line2: text, city: text, state: text, postal_code: text, country: text }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  /** Unix seconds. */
  created: z.number().int(),
  livemode: z.boolean(),
});

const metadata = z
  .record(
    z
      .string()
      .max(40)
      .regex(/^[^[\]]+$/, "must not have square brackets"),
    z.string().max(500),
  )
  .refine((pairs) => Object.keys(pairs).length <= 50, "must have 50 keys at most");

/** An empty text clears the field. Of `metadata` only the given keys change. */
const create = z
  .strictObject({
    email: z.string().max(512),
    name: z.string().max(256),
    phone: z.string().max(20),
    description: z.string(),
    address: z
      .strictObject({
        line1: z.string(),
        line2: z.string(),
        city: z.string(),
        state: z.string(),
        postal_code: z.string(),
        /** ISO 3166-1 alpha-2. */
        country: z.string(),
      })
      .partial(),
    metadata,
  })
  .partial();

/** Of `metadata`, an empty text in a key's place removes the key, and in place of all removes all. */
const update = z.strictObject({ ...create.shape, metadata: z.union([metadata, z.literal("")]).optional() });

export type Customer = Infer<typeof record>;
export type CustomerWrite = Infer<typeof create>;
export type CustomerUpdate = Infer<typeof update>;

/**
 * A customer. Stripe keeps idempotency keys for at least 24 hours, for creates and updates. Nothing about a customer is unique, so
 * after that time an unknown outcome stays unknown: keep your own id in `metadata`.
 *
 * A delete is for good and ends the customer's subscriptions. Stripe remembers the id, and answers it with nothing but `deleted`; `get`
 * takes that for no customer.
 *
 * A listing holds the newest first, and cannot be had by the time of a change; no changes are declared. Stripe's events of the last 30 days tell
 * of them, but the newest first and with customers as they were, so that an older state would be written over a newer one.
 *
 * `find` takes the newest with exactly this e-mail address.
 *
 * @see https://docs.stripe.com/api/customers
 * @see https://docs.stripe.com/api/pagination
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export const customer = {
  path: "/v1/customers",
  id: "id",
  schema: record,
  knownBy: { email: "email" },
  wrap: { many: "data" },
  personal: ["email", "name", "phone", "address"],
  create: { input: create, safety: { kind: "key", header: "Idempotency-Key", keptFor: "24h" } },
  get: {},
  delete: {},
  tombstone: "deleted",
  update: { input: update, method: "POST", safety: { kind: "key", header: "Idempotency-Key", keptFor: "24h" } },
  find: { by: ["email"], style: { kind: "query" } },
  list: {
    paging: { kind: "keyset", parameter: "starting_after", more: "has_more", back: "ending_before" },
    size: { parameter: "limit", default: 10, max: 100 },
    filters: {
      email: {},
      created: {},
      "created[gt]": { field: "created", test: "above" },
      "created[gte]": { field: "created", test: "atLeast" },
      "created[lt]": { field: "created", test: "below" },
      "created[lte]": { field: "created", test: "atMost" },
    },
    order: { by: "created", direction: "descending", fixed: true },
  },
} as const satisfies Resource;
