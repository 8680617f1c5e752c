import { defineModel } from "./define-model.ts";
import * as field from "./field.ts";

/**
 * A company that one deals with.
 *
 * @see https://developers.apideck.com/apis/crm/reference Company, whose vocabulary it follows
 * @see https://schema.org/Organization
 */
export const account = defineModel({
  model: "account",
  category: "crm",
  title: "Account",
  fields: {
    name: field.name,
    /** Of its web pages and its mail. */
    domains: field.domains,
    phones: field.phones,
    addresses: field.addresses,
    industry: field.name,
    /** How many people work there. */
    employees: field.count,
    description: field.longText,
    tags: field.tags,
    createdAt: field.moment,
    updatedAt: field.moment,
  },
  matchOn: ({ domains, phones }) => [
    ...domains.map((value) => ({ kind: "domain", value }) as const),
    ...phones.map(({ number }) => ({ kind: "phone", value: number }) as const),
  ],
});
