import { z } from "zod";

const kind = z.enum(["work", "home", "mobile", "other"]);
const text = z.string();

/** What flows read and write of a card; a card without it has an empty text or an empty list. */
export const contactFields = z.strictObject({
  fullName: text,
  givenName: text,
  familyName: text,
  organisation: text,
  jobTitle: text,
  note: text,
  /** The preferred one first. */
  emails: z.array(z.strictObject({ address: text, kind })),
  phones: z.array(z.strictObject({ number: text, kind })),
  addresses: z.array(z.strictObject({ street: text, locality: text, region: text, postalCode: text, country: text, kind })),
});

export type ContactFields = z.infer<typeof contactFields>;
/** What is left out stays as it is. */
export type ChangedFields = { readonly [Name in keyof ContactFields]?: ContactFields[Name] | undefined };
export type Kind = z.infer<typeof kind>;
