import { defineMapping, unified } from "@belay/sdk/models";
import { company } from "../resources/company.ts";

/**
 * HubSpot's companies.
 *
 * @see https://knowledge.hubspot.com/properties/hubspot-crm-default-company-properties
 */
export const toAccount = defineMapping(
  company,
  unified.account,
)({
  resource: "company",
  version: "1",
  fields: {
    name: { from: "properties.name", write: (name) => ({ name: name ?? "" }) },
    domains: {
      from: "properties.domain",
      read: ({ properties }) => [properties.domain],
      write: ([first]) => ({ domain: first ?? "" }),
    },
    phones: {
      from: ["properties.phone", "properties.country"],
      read: ({ properties: { phone, country } }) => [{ number: phone, kind: "work", country }],
      write: ([first]) => ({ phone: first?.number ?? "" }),
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
    industry: "properties.industry",
    employees: {
      from: "properties.numberofemployees",
      write: (employees) => ({ numberofemployees: employees === null ? "" : String(employees) }),
    },
    description: { from: "properties.description", write: (text) => ({ description: text ?? "" }) },
    createdAt: "createdAt",
    updatedAt: "updatedAt",
  },
});
