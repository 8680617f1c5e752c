import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { cardOfAnswer, listOfAnswer } from "./answers.ts";
import { contactFields } from "./fields.ts";
import { askForCards, namespaces, putNew, putWhole } from "./requests.ts";

/** A contact as the client gives it; fields that flows use, and the card itself. */
const record = z.object({
  /** The card's name in its address book: `ada.vcf`. */
  id: z.string().min(1),
  /** The entity tag, with its quotes. Empty where a server does not tell it with what it has written. */
  etag: z.string(),
  /** ISO 8601: when the server was given this state; whole seconds. */
  changedAt: z.string().optional(),
  uid: z.string().optional(),
  ...contactFields.required().shape,
  /** The vCard itself: what this contract does not name stays in it. */
  vcard: z.string(),
});

/** An empty text or list takes the property out of the card. With `etag` only that state of the card is changed. */
const update = z.strictObject({ ...contactFields.partial().shape, etag: z.string().min(1).optional() });

const create = z.strictObject({
  ...contactFields.partial().shape,
  /** Also the card's UID, without its ending. */
  id: z.string().regex(/^[^/\p{Cc}]{1,200}\.vcf$/u, "a name that ends in .vcf, without a slash"),
  fullName: z.string().min(1),
});

export type Contact = Infer<typeof record>;
export type ContactCreate = Infer<typeof create>;
export type ContactUpdate = Infer<typeof update>;

const xml = { sent: "xml", received: "xml", xml: { namespaces, lists: ["d:response", "d:propstat"] } } as const;
const vcard = { sent: "text", received: "text", contentType: "text/vcard; charset=utf-8" } as const;

/**
 * A card of the address book. It is written as a whole, on condition that it is still the one that was read; what of it this contract does not
 * name stays as it is.
 *
 * All cards, and what changed since, come by one report: without a token it lists everything. Servers forget tokens; RFC 6578 names no time.
 *
 * @see RFC 6578, section 3; RFC 6352, sections 5 and 6.3.2
 */
export const contact = {
  path: "/",
  recordPath: "/{id}",
  id: "id",
  schema: record,
  wrap: { many: "d:multistatus.d:response" },
  knownBy: { email: "emails.0.address" },
  personal: ["fullName", "givenName", "familyName", "emails", "phones", "addresses", "note", "vcard"],
  get: { bodies: vcard, response: cardOfAnswer },
  find: { by: ["id"], style: { kind: "path" }, bodies: vcard, response: cardOfAnswer },
  list: {
    bodies: xml,
    // A server may cut its answer, and then says where it goes on by the same token.
    paging: { kind: "cursor", parameter: "sync-token", next: "d:multistatus.more" },
    order: { by: "id", fixed: true },
    request: askForCards,
    response: listOfAnswer,
  },
  changes: {
    by: { kind: "token", parameter: "sync-token", next: "d:multistatus.d:sync-token" },
    tombstone: { at: "deleted", is: [true] },
  },
  create: {
    input: create,
    bodies: vcard,
    request: putNew,
    response: cardOfAnswer,
    safety: { kind: "readBack", readBack: { by: "id" } },
  },
  update: {
    input: update,
    method: "PUT",
    whole: { version: "etag" },
    bodies: vcard,
    request: putWhole,
    response: cardOfAnswer,
    safety: { kind: "natural" },
  },
  delete: {},
} as const satisfies Resource;
