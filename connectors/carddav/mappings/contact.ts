import { defineMapping, unified } from "@belay/sdk/models";
import { z } from "zod";
import { contact } from "../resources/contact.ts";

/**
 * Cards. Kinds of addresses that a card does not know (`billing`, `shipping`) are written without one.
 *
 * @see RFC 6350, section 6
 */
export const toContact = defineMapping(
  contact,
  unified.contact,
)({
  resource: "contact",
  version: "1",
  fields: {
    name: { from: "fullName", write: (name) => ({ fullName: name ?? "" }) },
    givenName: { from: "givenName", write: (name) => ({ givenName: name ?? "" }) },
    familyName: { from: "familyName", write: (name) => ({ familyName: name ?? "" }) },
    company: { from: "organisation", write: (name) => ({ organisation: name ?? "" }) },
    jobTitle: { from: "jobTitle", write: (title) => ({ jobTitle: title ?? "" }) },
    emails: {
      from: "emails",
      write: (emails, { creating }) => ({
        emails: emails.map(({ address, kind }) => ({ address, kind: kindOf(kind) })),
        // A card needs a name in its address book. The same contact gets the same, so that it is found again.
        ...(creating && emails[0] !== undefined && { id: `${emails[0].address}.vcf` }),
      }),
    },
    phones: { from: "phones", write: (phones) => ({ phones: phones.map(({ number, kind }) => ({ number, kind: kindOf(kind) })) }) },
    addresses: {
      from: "addresses",
      write: (addresses) => ({
        addresses: addresses.map(({ street, locality, region, postalCode, country, kind }) => ({
          street: street ?? "",
          locality: locality ?? "",
          region: region ?? "",
          postalCode: postalCode ?? "",
          country: country ?? "",
          kind: kindOf(kind),
        })),
      }),
    },
    notes: { from: "note", write: (note) => ({ note: note ?? "" }) },
    updatedAt: "changedAt",
  },
});

const known = z.enum(["work", "home", "mobile", "other"]).catch("other");

function kindOf(kind: string): z.infer<typeof known> {
  return known.parse(kind);
}
