import { emailKey } from "../normalise/index.ts";
import { defineModel } from "./define-model.ts";
import * as field from "./field.ts";

/**
 * A person who works for a company.
 *
 * @see https://developers.apideck.com/apis/hris/reference Employee, whose vocabulary it follows
 * @see https://schema.org/Person worksFor, jobTitle
 * @see https://www.rfc-editor.org/rfc/rfc7643#section-4.3 SCIM's enterprise user: employee number, department, manager
 */
export const employee = defineModel({
  model: "employee",
  category: "hris",
  title: "Employee",
  fields: {
    /** As it is shown. */
    name: field.name,
    givenName: field.name,
    familyName: field.name,
    /** What the employer counts them by. */
    number: field.key,
    jobTitle: field.name,
    department: field.name,
    manager: field.reference,
    emails: field.emails,
    phones: field.phones,
    addresses: field.addresses,
    status: field.choice("active", "leave", "inactive"),
    startDate: field.day,
    endDate: field.day,
    createdAt: field.moment,
    updatedAt: field.moment,
  },
  matchOn: ({ emails, phones }) => [
    ...emails.map(({ address }) => ({ kind: "email", value: emailKey(address) }) as const),
    ...phones.map(({ number }) => ({ kind: "phone", value: number }) as const),
  ],
});
