import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const customFieldValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);

/** A ticket as Zendesk answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  external_id: z.string().nullish(),
  subject: z.string().nullish(),
  /** The text of the first comment; read only. */
  description: z.string().nullish(),
  status: z.string().nullish(),
  priority: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  /** All custom fields of the account, those without a value as null. */
  custom_fields: z.array(z.object({ id: z.number().int(), value: customFieldValue })).nullish(),
  /** ISO 8601. */
  updated_at: z.string().nullish(),
});

const writable = {
  subject: z.string().min(1),
  status: z.enum(["new", "open", "pending", "hold", "solved", "closed"]),
  priority: z.enum(["low", "normal", "high", "urgent"]),
  /** The whole set: what is not in it is removed. */
  tags: z.array(z.string().min(1)),
  /** By the id of the field. A field is the place for what Zendesk has no member for, such as the version at the source. */
  custom_fields: z.array(z.strictObject({ id: z.number().int(), value: customFieldValue })),
};

const create = z.strictObject({
  external_id: z.string().min(1).max(255),
  subject: writable.subject,
  /** Becomes the ticket's description; Zendesk requires it. Public by default: the requester is mailed. */
  comment: z.strictObject({ body: z.string().min(1), public: z.boolean().optional() }),
  status: writable.status.optional(),
  priority: writable.priority.optional(),
  tags: writable.tags.optional(),
  custom_fields: writable.custom_fields.optional(),
});

// No comment here: each PUT with one adds another, so a repeated update would not be natural.
const update = z.strictObject(writable).partial();

export type Ticket = Infer<typeof record>;
export type TicketCreate = Infer<typeof create>;
export type TicketUpdate = Infer<typeof update>;

/**
 * A ticket. Creating twice with the same key within 2 hours yields the first ticket; after that it is looked for by `external_id`.
 * An update writes the given fields only and may be repeated; a closed ticket refuses it with 422.
 *
 * The look-up by `external_id` reads Zendesk's database, not its search index, so no lag is declared. It leaves out archived
 * tickets, those closed for 120 days.
 *
 * A listing goes by cursor, which Zendesk chooses when `page[size]` is sent; it leaves out archived and deleted tickets. A delete
 * moves the ticket to the deleted tickets, where it stays for 30 days.
 *
 * No calls for many: `create_many` and `update_many` are answered by a job that is still to run. What became of a ticket is known only by asking for the job again and again, it
 * is forgotten after a while, and the run that wrote the ticket would have to wait that long; the job takes no idempotency keys either, so one whose answer is lost may create
 * every ticket of it twice.
 *
 * @see https://developer.zendesk.com/api-reference/introduction/pagination/#using-cursor-pagination
 * @see https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
 * @see https://developer.zendesk.com/api-reference/ticketing/introduction/#idempotency keys are kept for 2 hours
 */
export const ticket = {
  path: "/api/v2/tickets",
  id: "id",
  schema: record,
  knownBy: { externalId: "external_id" },
  wrap: { one: "ticket", many: "tickets" },
  find: { by: ["external_id"], style: { kind: "query" } },
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "page[after]", next: "meta.after_cursor", more: "meta.has_more" },
    size: { parameter: "page[size]", default: 100, max: 100 },
    order: { by: "id" },
    orders: {
      updated: { by: "updated_at", query: { sort: "updated_at" } },
      recentlyUpdated: { by: "updated_at", direction: "descending", query: { sort: "-updated_at" } },
    },
  },
  create: { input: create, safety: { kind: "key", header: "Idempotency-Key", keptFor: "2h", readBack: { by: "external_id" } } },
  update: { input: update, method: "PUT", safety: { kind: "natural" } },
} as const satisfies Resource;
