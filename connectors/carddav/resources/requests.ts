import type { RequestDraft } from "@belay/sdk";
import { readVcard, writeVcard } from "@belay/sdk/vcard";
import type { JCard } from "@belay/sdk/vcard";
import { z } from "zod";
import { writeFields } from "./card.ts";
import { contactFields } from "./fields.ts";

/** Servers choose prefixes of their own. */
export const namespaces = { d: "DAV:", card: "urn:ietf:params:xml:ns:carddav" } as const;

/** The report of what changed since a sync token; without one, of everything. @see RFC 6578, section 3.2 */
export function askForCards(draft: RequestDraft): RequestDraft {
  const [path = "/", query = ""] = draft.path.split("?");
  const prop = { "d:getetag": "", "d:getlastmodified": "", "card:address-data": "" };
  return {
    method: "REPORT",
    path,
    headers: { ...draft.headers, depth: "0" },
    body: {
      "d:sync-collection": {
        "d:sync-token": new URLSearchParams(query).get("sync-token") ?? "",
        "d:sync-level": "1",
        "d:prop": prop,
      },
    },
  };
}

const fresh = contactFields.partial().extend({ id: z.string() });
const changed = contactFields.partial().extend({ vcard: z.string().optional() });

/** A card under a name that must not be taken. @see RFC 6352, section 6.3.2 */
export function putNew(draft: RequestDraft): RequestDraft {
  const { id, ...fields } = z.strictObject(fresh.shape).parse(draft.body);
  // Version 3 is what all servers and programs read.
  const empty: JCard = [
    "vcard",
    [
      ["version", {}, "text", "3.0"],
      ["uid", {}, "text", id.replace(/\.vcf$/, "")],
      ["fn", {}, "text", fields.fullName ?? ""],
    ],
  ];
  const named = { givenName: "", familyName: "", ...fields };
  return {
    method: "PUT",
    path: `${draft.path}${encodeURIComponent(id)}`,
    headers: { ...draft.headers, "if-none-match": "*" },
    body: writeVcard(writeFields(withName(empty), named)),
  };
}

/** Version 3 wants a structured name in every card, empty though it may be. @see RFC 2426, section 3.1.2 */
function withName([kind, properties]: JCard): JCard {
  return [kind, [...properties, ["n", {}, "text", ["", "", "", "", ""]]]];
}

/** The card as it is, with what is changed laid over it. */
export function putWhole(draft: RequestDraft): RequestDraft {
  const { vcard, ...fields } = z.object(changed.shape).parse(draft.body);
  // Without a card the precondition is one that the server refuses, so what is sent does not matter.
  const card = vcard === undefined ? "" : writeVcard(writeFields(readVcard(vcard), fields));
  return { ...draft, body: card };
}
