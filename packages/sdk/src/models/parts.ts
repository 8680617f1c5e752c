import { z } from "zod";

/**
 * What models are made of. Everything that a provider may leave out is null or an empty list, never missing, so that records of all
 * providers have the same members.
 *
 * @module
 */

export const text = z.string().nullable();
/** RFC 3339, UTC, milliseconds. */
const instant = z.iso.datetime({ precision: 3 });
/** ISO 8601, of no zone. */
export const day = z.iso.date().nullable();
export const moment = instant.nullable();

const kinds = z.enum(["work", "home", "mobile", "billing", "shipping", "other"]);

export const email = z.strictObject({ address: z.string().describe("Normalised."), kind: kinds });
export const phone = z.strictObject({ number: z.string().describe("E.164, an extension behind `;ext=`."), kind: kinds });
export const address = z.strictObject({
  street: text.describe("Lines are parted by line breaks."),
  locality: text.describe("City, town, village."),
  region: text.describe("State, province, canton."),
  postalCode: text,
  country: text.describe("ISO 3166-1 alpha-2."),
  kind: kinds,
});
export const money = z.strictObject({
  amount: z.int().describe("In the currency's smallest unit: 1234 is 12.34 EUR."),
  currency: z.string().describe("ISO 4217."),
});
/** Somebody or something of the same provider, by its id there. */
export const reference = z.strictObject({ externalId: text, name: text, email: text });
export const line = z.strictObject({
  name: text,
  sku: text,
  quantity: z.number().nullable(),
  unitPrice: money.nullable(),
  total: money.nullable(),
});
/** What could not be read: as it came, where it belongs, and why. */
export const unread = z.strictObject({
  field: z.string().describe("Where it belongs, by dotted path: `emails.1`."),
  raw: z.string(),
  flag: z.string().describe("Why it could not be read: `email-invalid`."),
});

export type Kind = z.infer<typeof kinds>;
export type Email = z.infer<typeof email>;
export type Phone = z.infer<typeof phone>;
export type Address = z.infer<typeof address>;
export type Reference = z.infer<typeof reference>;
export type OrderLine = z.infer<typeof line>;
export type Unread = z.infer<typeof unread>;
