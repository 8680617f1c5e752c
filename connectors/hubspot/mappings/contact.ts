import { defineMapping, unified } from "@belay/sdk/models";
import { contact, createByEmail } from "../resources/contact.ts";

/**
 * HubSpot's contacts. One e-mail address only: the others that HubSpot keeps are no property.
 *
 * @see https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
 */
export const toContact = defineMapping(
  contact,
  unified.contact,
)({
  resource: "contact",
  version: "1",
  create: createByEmail,
  fields: {
    name: {
      from: ["properties.firstname", "properties.lastname"],
      read: ({ properties }) => [properties.firstname, properties.lastname].filter(Boolean).join(" "),
    },
    givenName: { from: "properties.firstname", write: (name) => ({ firstname: name ?? "" }) },
    familyName: { from: "properties.lastname", write: (name) => ({ lastname: name ?? "" }) },
    company: { from: "properties.company", write: (name) => ({ company: name ?? "" }) },
    jobTitle: { from: "properties.jobtitle", write: (title) => ({ jobtitle: title ?? "" }) },
    emails: {
      from: "properties.email",
      read: ({ properties }) => [{ address: properties.email, kind: "work" }],
      write: ([first]) => ({ email: first?.address ?? "" }),
    },
    phones: {
      from: ["properties.phone", "properties.mobilephone", "properties.country"],
      read: ({ properties: { phone, mobilephone, country } }) => [
        { number: phone, kind: "work", country },
        { number: mobilephone, kind: "mobile", country },
      ],
      write: (phones) => ({
        phone: phones.find(({ kind }) => kind !== "mobile")?.number ?? "",
        mobilephone: phones.find(({ kind }) => kind === "mobile")?.number ?? "",
      }),
    },
    addresses: {
      from: ["properties.address", "properties.city", "properties.state", "properties.zip", "properties.country"],
      read: ({ properties: { address, city, state, zip, country } }) => [
        { street: address, locality: city, region: state, postalCode: zip, country, kind: "work" },
      ],
      write: ([first]) => ({
        address: first?.street ?? "",
        city: first?.locality ?? "",
        state: first?.region ?? "",
        zip: first?.postalCode ?? "",
        country: first?.country ?? "",
      }),
    },
    createdAt: "createdAt",
    updatedAt: "updatedAt",
  },
});
