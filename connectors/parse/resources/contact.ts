import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { askByWhere, createdRecord } from "./requests.ts";

const text = z.string();

/** Fields of the class; an object may lack any of them, or have null there. */
const fields = z.strictObject({
  name: text,
  givenName: text,
  familyName: text,
  email: text,
  phone: text,
  mobilePhone: text,
  company: text,
  jobTitle: text,
  street: text,
  city: text,
  region: text,
  postalCode: text,
  country: text,
  notes: text,
});

const said = Object.fromEntries(Object.keys(fields.shape).map((name) => [name, text.nullish()])) as {
  readonly [Name in keyof typeof fields.shape]: z.ZodOptional<z.ZodNullable<z.ZodString>>;
};

/** A contact as the server answers it; members that no flow uses are dropped. */
const record = z.object({
  objectId: text,
  ...said,
  /** ISO 8601 with milliseconds. */
  createdAt: text,
  updatedAt: text,
});

/** An empty text empties the field. */
const update = fields.partial();

const create = z.strictObject({ ...update.shape, email: z.string().min(3) });

export type Contact = Infer<typeof record>;
export type ContactCreate = Infer<typeof create>;
export type ContactUpdate = Infer<typeof update>;

/**
 * A contact. The server tells no total that could be believed: on PostgreSQL it is an estimate, 0 for a fresh class. It forgets what was
 * deleted, so that only a walk through everything, or the trigger `afterDelete`, tells of it.
 *
 * @see https://docs.parseplatform.org/rest/guide/#objects
 * @see https://docs.parseplatform.org/rest/guide/#queries where, order, limit, skip
 */
export const contact = {
  path: "/classes/Contact",
  id: "objectId",
  schema: record,
  wrap: { many: "results" },
  knownBy: { email: "email" },
  personal: ["name", "givenName", "familyName", "email", "phone", "mobilePhone", "street", "city", "postalCode", "notes"],
  get: {},
  find: { by: ["email"], style: { kind: "query" }, request: askByWhere },
  list: {
    paging: { kind: "offset", parameter: "skip", end: { emptyPage: true } },
    size: { parameter: "limit", default: 100, max: 1_000 },
    filters: { updatedSince: { field: "updatedAt", test: "atLeast" } },
    order: { by: "createdAt", fixed: true },
    orders: { updated: { by: "updatedAt", query: { order: "updatedAt,objectId" } } },
    query: { order: "createdAt,objectId" },
    request: askByWhere,
  },
  changes: {
    by: { kind: "field", field: "updatedAt", filter: "updatedSince", granularity: "1s", lookback: "30s" },
    hints: ["afterSave", "afterDelete"],
  },
  create: {
    input: create,
    response: createdRecord,
    safety: { kind: "readBack", readBack: { by: "email" } },
  },
  update: { input: update, method: "PUT", safety: { kind: "natural" }, returns: "nothing" },
  delete: {},
} as const satisfies Resource;
