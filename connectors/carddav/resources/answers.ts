import { type AnswerDraft, isBelayError } from "@belay/sdk";
import { propertiesOf, readVcard, textOfProperty } from "@belay/sdk/vcard";
import { z } from "zod";
import { readFields } from "./card.ts";

/** A card that was read, or that was written: then what was sent is what the server has. */
export function cardOfAnswer({ request, headers, body }: AnswerDraft): unknown {
  const vcard = typeof body === "string" ? body : String(request.body);
  return recordOf({ id: nameOf(request.path), etag: textOf(headers["etag"]), changed: textOf(headers["last-modified"]), vcard });
}

const propstat = z.object({
  "d:status": z.string(),
  "d:prop": z
    .object({ "d:getetag": z.string().optional(), "d:getlastmodified": z.string().optional(), "card:address-data": z.string().optional() })
    .or(z.literal("")),
});

const response = z.object({ "d:href": z.string(), "d:status": z.string().optional(), "d:propstat": z.array(propstat).optional() });

const multistatus = z.object({
  "d:multistatus": z.object({ "d:response": z.array(response).optional(), "d:sync-token": z.string() }),
});

/**
 * The cards of a report, in the place of what the server says of each; what is gone has the status 404. A report that was cut has the status 507
 * for the address book itself, and goes on by its token.
 *
 * @see RFC 6578, sections 3.5 and 3.6
 */
export function listOfAnswer({ request, body }: AnswerDraft): unknown {
  const { "d:multistatus": answer } = multistatus.parse(body);
  const token = answer["d:sync-token"];
  const responses = answer["d:response"] ?? [];
  const isCut = responses.some((each) => / 507\b/.test(each["d:status"] ?? ""));
  const entries = responses.flatMap((each) => entryOf(each, request.path));
  return { "d:multistatus": { "d:response": entries, "d:sync-token": token, more: isCut ? token : null } };
}

function entryOf(
  { "d:href": href, "d:status": status = "", "d:propstat": found = [] }: z.infer<typeof response>,
  book: string,
): readonly unknown[] {
  const path = href.replace(/^https?:\/\/[^/]+/i, "");
  // The address book answers for itself too, in some servers.
  if (path.endsWith("/") || path === book) return [];
  const id = nameOf(path);
  if (/ 404\b/.test(status)) return [{ id, deleted: true }];
  // The report itself, which was cut.
  if (/ 507\b/.test(status)) return [];
  const prop = found.find((each) => / 200\b/.test(each["d:status"]))?.["d:prop"];
  const { "d:getetag": etag = "", "d:getlastmodified": changed = "", "card:address-data": vcard } = prop === "" ? {} : (prop ?? {});
  // Left out, a card that the server has but does not give would be missing, and be deleted: named without its contents, it cannot be taken, and stays.
  return [vcard === undefined ? { id, etag } : readableOf({ id, etag, changed, vcard })];
}

/** One card that is no vCard that can be read, of version 2.1 say, must not keep all others from being read. */
function readableOf(card: Parameters<typeof recordOf>[0]): unknown {
  try {
    return recordOf(card);
  } catch (error) {
    if (!isBelayError(error) || error.code !== "FORMAT_UNREADABLE") throw error;
    const { id, etag, vcard } = card;
    return { id, etag, vcard };
  }
}

function recordOf({
  id,
  etag,
  changed,
  vcard,
}: {
  readonly id: string;
  readonly etag: string;
  readonly changed: string;
  readonly vcard: string;
}): unknown {
  const card = readVcard(vcard);
  const changedAt = Date.parse(changed);
  return {
    id,
    etag: strong(etag),
    ...(!Number.isNaN(changedAt) && { changedAt: new Date(changedAt).toISOString() }),
    uid: textOfProperty(propertiesOf(card, "uid")[0]),
    ...readFields(card),
    vcard,
  };
}

/**
 * What compresses answers on their way makes their tags weak, and no condition of a write holds for a weak one: the card could never be changed. The server compares the tag that it
 * gave, and refuses if it is another by now.
 *
 * @see RFC 9110, section 13.1.1
 */
function strong(etag: string): string {
  return etag.replace(/^W\//, "");
}

/** The last part of a path, as it is called: servers write the same name with more or fewer characters encoded. */
function nameOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
}

function textOf(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}
