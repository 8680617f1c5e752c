import { parsePhoneNumberWithError } from "libphonenumber-js/max";
import { carddav } from "@belay/connector-carddav";
import type { Person } from "./people.ts";

/* How each provider would answer: with the spaces, cases and spellings that people type there. */

const countries = { CH: "Switzerland", DE: "germany", US: "United States", GB: "GBR", FR: "fr" } as const;
const national = (phone: string): string => parsePhoneNumberWithError(phone).formatNational();
const international = (phone: string): string => parsePhoneNumberWithError(phone).formatInternational();

/** Names in two fields, numbers as people write them at home. */
export function asHubspot({ given, family, box, domain, country, phone }: Person, index: number): object {
  return {
    id: String(1_000 + index),
    properties: {
      email: `  ${box}@${domain.toUpperCase()}`,
      firstname: ` ${given}\u00A0`,
      lastname: family.replaceAll(" ", "  "),
      company: null,
      phone: national(phone),
      country: countries[country],
      hs_object_id: String(1_000 + index),
    },
    createdAt: "2026-03-01T12:00:00Z",
    updatedAt: "2026-03-02T12:00:00.5Z",
  };
}

/** One name, in decomposed characters; the number with spaces. */
export function asStripe({ given, family, box, domain, country, phone }: Person, index: number): object {
  return {
    id: `cus_${index}`,
    object: "customer",
    email: `${box}@${domain}`,
    name: `${given} ${family}`.normalize("NFD"),
    phone: international(phone),
    description: null,
    address: { line1: null, line2: null, city: null, state: null, postal_code: null, country },
    metadata: {},
    created: 1_772_366_400,
    livemode: false,
  };
}

/** One name with invisible marks; the number with points. */
export function asZendesk({ given, family, box, domain, phone }: Person, index: number): object {
  return {
    id: 5_000 + index,
    external_id: null,
    name: `\u200B${given}  ${family} `,
    email: `${box}@${domain.toLowerCase()} `,
    phone: international(phone).replaceAll(" ", "."),
    role: "end-user",
    notes: "",
    tags: [],
    created_at: "2026-03-01T13:00:00+01:00",
    updated_at: "2026-03-01T12:00:00Z",
  };
}

/** Fields of a class that people fill in by hand; numbers as they are dialled at home. */
export function asParse({ given, family, box, domain, country, phone }: Person, index: number): object {
  return {
    objectId: `P${1_000 + index}`,
    name: `${given}  ${family}`,
    givenName: given,
    familyName: family,
    email: `${box}@${domain.toUpperCase()} `,
    phone: national(phone),
    country: countries[country],
    createdAt: "2026-03-01T12:00:00.000Z",
    updatedAt: "2026-03-02T12:00:00.500Z",
  };
}

/** A card as its server answers it: folded in the middle of words, with properties that nobody here knows. */
export function asCarddav({ given, family, box, domain, phone }: Person, index: number): object {
  const card = [
    "BEGIN:VCARD",
    "VERSION:3.0",
    `UID:card-${index}`,
    `FN:${given} ${family.slice(0, 2)}`,
    ` ${family.slice(2)}`,
    `N:${family};${given};;;`,
    `EMAIL;TYPE=WORK;TYPE=pref:${box}@${domain}`,
    `item1.TEL;TYPE=work,voice:${international(phone)}`,
    "item1.X-ABLabel:Bureau",
    "END:VCARD",
    "",
  ];
  const request = { method: "GET", path: `/ada/contacts/card-${index}.vcf`, headers: {}, body: undefined } as const;
  const headers = { etag: `"${index}"`, "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT" };
  return carddav.resources.contact.get.response({ request, status: 200, headers, body: card.join("\r\n") }) as object;
}
