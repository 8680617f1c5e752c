import type { CreateOperation, Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { changesOf } from "./changes.ts";

/** HubSpot answers a property without a value with null, and one that was not asked for not at all. */
const text = z.string().nullish();

/** A contact as HubSpot answers it; only properties that flows use. */
const record = z.object({
  id: z.string(),
  properties: z.object({
    email: text,
    firstname: text,
    lastname: text,
    company: text,
    phone: text,
    mobilephone: text,
    jobtitle: text,
    address: text,
    city: text,
    state: text,
    zip: text,
    country: text,
    stripe_customer_id: text,
    stripe_event_created: text,
    /** ISO 8601: when any of them changed last. */
    lastmodifieddate: text,
  }),
  /** ISO 8601. */
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
});

/**
 * What calls for many have in common. With a trace id of each input HubSpot answers 207 and says which were refused; without, one bad input costs all. Inputs come back in no
 * order that it promises, and not always with their trace ids.
 */
const many = {
  most: 100,
  items: "inputs",
  item: { token: "objectWriteTraceId" },
} as const;
const refusals = {
  errors: { in: "errors", match: [{ token: "context.objectWriteTraceId" }, { field: "id", at: "context.ids" }] },
  status: { at: "category", values: { VALIDATION_ERROR: 400, CONFLICT: 409, OBJECT_NOT_FOUND: 404 } },
} as const;

const properties = Object.keys(record.shape.properties.shape);

/** An empty text clears the property. */
const writable = {
  email: z.string(),
  firstname: z.string(),
  lastname: z.string(),
  company: z.string(),
  phone: z.string(),
  mobilephone: z.string(),
  jobtitle: z.string(),
  address: z.string(),
  city: z.string(),
  state: z.string(),
  zip: z.string(),
  country: z.string(),
  /** Unix seconds in decimal: the version of the Stripe customer that was written last. */
  stripe_event_created: z.string().regex(/^[0-9]+$/, "must be Unix seconds as text"),
};

// Partial, but for the property by which the contact is found again.
const create = z.strictObject({ ...z.strictObject(writable).partial().shape, stripe_customer_id: z.string().min(1) });

// `stripe_customer_id` may be written later too: a contact that was there before gets it with its first update.
const update = z.strictObject({ ...writable, stripe_customer_id: z.string().min(1) }).partial();

/** For those who have nothing of Stripe's: the contact is found again by its address. */
export const createByEmail = {
  input: z.strictObject({ ...z.strictObject(writable).partial().shape, email: z.string().min(1) }),
  safety: { kind: "readBack", readBack: { by: "email" } },
} as const satisfies CreateOperation<unknown>;

export type Contact = Infer<typeof record>;
export type ContactCreate = Infer<typeof create>;
export type ContactUpdate = Infer<typeof update>;

/**
 * A contact. HubSpot knows no idempotency keys: before a create is repeated, the contact is looked for by `stripe_customer_id`.
 * An update writes the given properties only and may be repeated;
 * its answer, like that of a create, holds only the properties that were sent and a few of HubSpot's own.
 *
 * Both look-ups read the record itself, not the search index (which lags behind writes), so no lag is declared. A contact that
 * somebody made by hand has no `stripe_customer_id`: look for `email` as well before creating, and update what is found.
 *
 * A listing goes by cursor in the order of ids and leaves out archived contacts; `after` of the last page is absent. A delete archives
 * the contact, which can be restored for 90 days.
 *
 * Creates and updates of different runs are collected, 100 a call: HubSpot counts calls, not records. A create that is refused or lost is looked for as when it is sent alone.
 * An upsert knows the contact by `stripe_customer_id` and may be repeated; it does not find one that somebody made by hand.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
 * @see https://developers.hubspot.com/docs/api-reference/error-handling multi-status errors, `objectWriteTraceId`
 * @see https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/get-crm-v3-objects-contacts paging
 * @see https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide unique properties, `idProperty`
 */
export const contact = {
  path: "/crm/v3/objects/contacts",
  id: "id",
  schema: record,
  knownBy: { email: "properties.email" },
  wrap: { many: "results" },
  fieldsIn: "properties",
  personal: ["email", "firstname", "lastname", "phone", "mobilephone", "address", "city", "zip"],
  find: { by: ["stripe_customer_id", "email"], style: { kind: "path", parameter: "idProperty" } },
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "after", next: "paging.next.after" },
    size: { parameter: "limit", default: 10, max: 100 },
    order: { by: "id" },
  },
  changes: changesOf("/crm/v3/objects/contacts", "lastmodifieddate", properties),
  // Unasked, HubSpot answers a read with email, firstname and lastname only.
  query: { properties: properties.join(",") },
  create: { input: create, safety: { kind: "readBack", readBack: { by: "stripe_customer_id" } } },
  update: { input: update, method: "PATCH", safety: { kind: "natural" } },
  createMany: {
    ...many,
    path: "/crm/v3/objects/contacts/batch/create",
    outcomes: { results: "results", match: { field: "stripe_customer_id", at: "properties.stripe_customer_id" }, ...refusals },
    safety: { kind: "readBack", readBack: { by: "stripe_customer_id" } },
  },
  updateMany: {
    ...many,
    path: "/crm/v3/objects/contacts/batch/update",
    outcomes: { results: "results", match: { field: "id", at: "id" }, ...refusals },
    safety: { kind: "natural" },
  },
  upsertMany: {
    ...many,
    path: "/crm/v3/objects/contacts/batch/upsert",
    input: create,
    by: "stripe_customer_id",
    item: { ...many.item, id: "id", constants: { idProperty: "stripe_customer_id" } },
    outcomes: { results: "results", match: { field: "stripe_customer_id", at: "properties.stripe_customer_id" }, ...refusals },
    safety: { kind: "natural" },
  },
} as const satisfies Resource;
