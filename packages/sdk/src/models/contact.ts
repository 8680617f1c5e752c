import { emailKey } from "../normalise/index.ts";
import { defineModel } from "./define-model.ts";
import * as field from "./field.ts";

/**
 * A person that a company deals with. Names are never split: where a provider keeps one name only, `givenName` and `familyName` are null.
 *
 * @see https://developers.apideck.com/apis/crm/reference Contact, whose vocabulary it follows
 * @see https://www.rfc-editor.org/rfc/rfc6350 vCard 4: FN, N, EMAIL, TEL, ADR, ORG, TITLE, NOTE
 * @see https://schema.org/Person
 */
export const contact = defineModel({
  model: "contact",
  category: "crm",
  title: "Contact",
  fields: {
    /** As it is shown. */
    name: field.name,
    givenName: field.name,
    familyName: field.name,
    /** The company they work for, by name. */
    company: field.name,
    jobTitle: field.name,
    emails: field.emails,
    phones: field.phones,
    addresses: field.addresses,
    notes: field.longText,
    createdAt: field.moment,
    updatedAt: field.moment,
  },
  matchOn: ({ emails, phones }) => [
    ...emails.map(({ address }) => ({ kind: "email", value: emailKey(address) }) as const),
    ...phones.map(({ number }) => ({ kind: "phone", value: number }) as const),
  ],
});
