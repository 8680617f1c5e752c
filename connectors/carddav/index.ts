/**
 * CardDAV: the contacts of one address book on a server of one's own, such as Radicale, Nextcloud, Baïkal or Fastmail.
 *
 * Terms: *card*, a contact as a vCard; *name*, the last part of a card's URL, by which it is known in its address book: `ada.vcf`; *entity tag*, what
 * the server calls one state of a card; *sync token*, what stands at the server for the state of the address book.
 *
 * @see RFC 6352 (CardDAV), RFC 4918 (WebDAV), RFC 6578 (sync tokens), RFC 6350 (vCard 4), RFC 2426 (vCard 3)
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toContact } from "./mappings/contact.ts";
import { contact } from "./resources/contact.ts";

export type { Contact, ContactCreate, ContactUpdate } from "./resources/contact.ts";

/**
 * The contract of an address book. Credential: `username` and `password`, of an application password where the server has them.
 *
 * Servers put address books at paths of any depth, which no setting can hold: an operator gives the connection the address book's own URL as
 * `baseUrl`, `https://dav.example.com/remote.php/dav/addressbooks/users/ada/contacts`. The declared one fits Radicale.
 */
export const carddav = defineConnector({
  id: "carddav",
  title: "CardDAV",
  baseUrl: "https://{host}/{user}/{book}",
  auth: {
    kind: "basic",
    fields: { password: { help: "Where the server has application passwords, make one for this alone." } },
  },
  // Servers of one's own write one card after the other, and work long on each report: more at once only wait there.
  limits: [{ concurrent: 4 }],
  resources: { contact },
  mappings: [toContact],
  errors,
});
