/**
 * What Belay runs in the benchmark of syncs: the contacts of one connection, checked, mapped, and found by their e-mail addresses.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, Secret } from "@belay/sdk";
import { z } from "zod";

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    contact: {
      path: "/contacts",
      id: "id",
      schema: z.object({
        id: z.string(),
        properties: z.object({
          firstname: z.string().nullable(),
          lastname: z.string().nullable(),
          email: z.string().nullable(),
          phone: z.string().nullable(),
          company: z.string().nullable(),
          city: z.string().nullable(),
          lifecyclestage: z.string(),
        }),
        updatedAt: z.string(),
      }),
      wrap: { many: "results" },
      list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 200, max: 200 } },
    },
  },
});

const contact = {
  model: "contact",
  schema: z.object({
    name: z.object({ first: z.string().nullable(), last: z.string().nullable() }),
    emails: z.array(z.string()),
    phones: z.array(z.string()),
    company: z.string().nullable(),
    city: z.string().nullable(),
    isCustomer: z.boolean(),
  }),
};

export default defineConfig({
  connectors: [crm],
  flows: [],
  syncs: [
    defineSync({
      id: "contacts",
      source: crm.contact,
      target: contact,
      every: "1d",
      version: ({ updatedAt }) => updatedAt,
      matchOn: ({ emails }) => emails.map((value) => ({ kind: "email", value })),
      map: ({ properties: { firstname, lastname, email, phone, company, city, lifecyclestage } }) => ({
        name: { first: firstname, last: lastname },
        emails: email === null ? [] : [email.toLowerCase()],
        phones: phone === null ? [] : [phone.replaceAll(" ", "")],
        company,
        city,
        isCustomer: lifecyclestage === "customer",
      }),
    }),
  ],
  connections: [
    {
      id: "acme-crm",
      tenant: "acme",
      connector: "crm",
      baseUrl: process.env["BENCH_PROVIDER"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret("bench") },
    },
  ],
});
