import { defineMapping, unified } from "@belay/sdk/models";
import { contact } from "../resources/contact.ts";

/** The class's contacts: one e-mail address, one telephone at work and one to carry, one postal address. */
export const toContact = defineMapping(
  contact,
  unified.contact,
)({
  resource: "contact",
  version: "1",
  fields: {
    name: { from: "name", write: (name) => ({ name: name ?? "" }) },
    givenName: { from: "givenName", write: (name) => ({ givenName: name ?? "" }) },
    familyName: { from: "familyName", write: (name) => ({ familyName: name ?? "" }) },
    company: { from: "company", write: (name) => ({ company: name ?? "" }) },
    jobTitle: { from: "jobTitle", write: (title) => ({ jobTitle: title ?? "" }) },
    emails: {
      from: "email",
      read: ({ email }) => [{ address: email, kind: "work" }],
      write: ([first]) => ({ email: first?.address ?? "" }),
    },
    phones: {
      from: ["phone", "mobilePhone", "country"],
      read: ({ phone, mobilePhone, country }) => [
        { number: phone, kind: "work", country },
        { number: mobilePhone, kind: "mobile", country },
      ],
      write: (phones) => ({
        phone: phones.find(({ kind }) => kind !== "mobile")?.number ?? "",
        mobilePhone: phones.find(({ kind }) => kind === "mobile")?.number ?? "",
      }),
    },
    addresses: {
      from: ["street", "city", "region", "postalCode", "country"],
      read: ({ street, city, region, postalCode, country }) => [{ street, locality: city, region, postalCode, country, kind: "work" }],
      write: ([first]) => ({
        street: first?.street ?? "",
        city: first?.locality ?? "",
        region: first?.region ?? "",
        postalCode: first?.postalCode ?? "",
        country: first?.country ?? "",
      }),
    },
    notes: { from: "notes", write: (notes) => ({ notes: notes ?? "" }) },
    createdAt: "createdAt",
    updatedAt: "updatedAt",
  },
});
