import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const recipient = z.object({ name: z.string().max(80), city: z.string(), email: z.email().optional() });

/** A shipment as Parcelo answers it; only fields that flows use. */
export const record = z.object({
  id: z.string(),
  status: z.enum(["booked", "in_transit", "delivered", "cancelled"]),
  reference: z.string(),
  weight_grams: z.number().int(),
  recipient,
  insured: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const create = z.strictObject({
  reference: z.string().min(1).max(64),
  weight_grams: z.number().int().min(1).max(31_500),
  recipient,
  insured: z.boolean().optional(),
});

const update = z.strictObject({ ...create.shape, status: z.literal("cancelled") }).partial();

export type Shipment = Infer<typeof record>;

/**
 * A shipment, found again by our own `reference`. Parcelo remembers idempotency keys for 12 hours.
 *
 * @see PROVIDER.md, Shipments
 */
export const shipment = {
  path: "/{version}/shipments",
  id: "id",
  schema: record,
  wrap: { one: "shipment", many: "shipments" },
  get: {},
  find: { by: ["reference"], style: { kind: "query" } },
  create: {
    input: create,
    safety: { kind: "key", header: "Idempotency-Key", keptFor: "12h", readBack: { by: "reference" } },
  },
  update: { input: update, method: "PATCH", safety: { kind: "natural" } },
  list: {
    paging: { kind: "cursor", parameter: "cursor", next: "meta.next_cursor" },
    size: { parameter: "limit", default: 25, max: 50 },
    filters: { status: {}, created_after: { field: "created_at", test: "above" } },
    order: { by: "created_at", direction: "descending" },
  },
} as const satisfies Resource;
