import type { EndOfPages, Paging } from "../../connector/listing.ts";
import { valueAt } from "../../connector/value-at.ts";
import { httpError } from "../errors.ts";
import type { OutboundResponse } from "../outbound.ts";
import { drift } from "./decode-record.ts";
import { findLink } from "./link-header.ts";

/** A page as it came, and what the walk knows so far. */
export interface WalkedPage {
  readonly label: string;
  /** The ids of its records. */
  readonly ids: readonly string[];
  readonly answer: unknown;
  readonly headers: OutboundResponse["headers"];
  /** How many pages came before it. */
  readonly index: number;
  /** How many records came before it. */
  readonly before: number;
  /** Where it began, counted in records, for paging by offset. */
  readonly offset: number;
  /** How many records were asked for; undefined where the provider decides. */
  readonly asked: number | undefined;
  /** The most records of any earlier page. */
  readonly longest: number;
}

/** What comes next: the query parameter to send, a URL to follow, or nothing because the provider said so. */
export type NextPage =
  | { readonly kind: "end" }
  | { readonly kind: "parameter"; readonly value: string; readonly offset: number }
  | { readonly kind: "url"; readonly url: string };

const end: NextPage = { kind: "end" };

/**
 * Reads off the provider's own sign whether there is another page, and which.
 *
 * @throws `CLIENT_RESPONSE_INVALID` when the sign is missing: an answer without it must not look like the last page.
 */
export function nextPage(paging: Paging, page: WalkedPage): NextPage {
  switch (paging.kind) {
    case "offset": {
      if (isEnd(paging.end, page, page.offset)) return end;
      const offset = page.offset + stride(page);
      return { kind: "parameter", value: String(offset), offset };
    }
    case "page":
      if (isEnd(paging.end, page, page.index * (page.longest || (page.asked ?? page.ids.length)))) return end;
      return { kind: "parameter", value: String((paging.first ?? 1) + page.index + 1), offset: 0 };
    case "cursor":
      return nextCursor(paging, page);
    case "keyset": {
      if (!flagAt(page, paging.more)) return end;
      const last = page.ids.at(-1);
      if (last === undefined) throw stuck(page, "promises more after an empty page, from which nothing leads on");
      return { kind: "parameter", value: last, offset: 0 };
    }
    case "none":
      return end;
    case "link": {
      const url = paging.path === undefined ? findLink(page.headers["link"], "next") : valueAt(page.answer, paging.path);
      if (url === undefined || url === null || url === "") return end;
      if (typeof url !== "string") throw drift(page.label, [paging.path ?? "link"], "names no URL of the next page");
      return { kind: "url", url };
    }
  }
}

function nextCursor(paging: Extract<Paging, { kind: "cursor" }>, page: WalkedPage): NextPage {
  if (paging.more !== undefined && !flagAt(page, paging.more)) return end;
  const token = valueAt(page.answer, paging.next);
  if (typeof token === "number") return { kind: "parameter", value: String(token), offset: 0 };
  if (typeof token === "string" && token !== "") return { kind: "parameter", value: token, offset: 0 };
  const none = token === undefined || token === null || token === "";
  if (none && paging.more === undefined) return end;
  throw drift(page.label, [paging.next], "holds no cursor to go on with");
}

/**
 * An empty page amid others hides as many positions as a page has. Where a page came short, only what was seen is passed over:
 * records may be seen twice that way, but none is missed.
 */
function stride(page: WalkedPage): number {
  const passed = page.ids.length || page.longest || page.asked;
  if (passed === undefined) throw stuck(page, "promises more after an empty first page, from which nothing leads on");
  return passed;
}

function isEnd(sign: EndOfPages, page: WalkedPage, start: number): boolean {
  if ("emptyPage" in sign) return page.ids.length === 0;
  if ("more" in sign) return !flagAt(page, sign.more);
  const stated = valueAt(page.answer, sign.total);
  const total = typeof stated === "string" && /^\d{1,15}$/.test(stated) ? Number(stated) : stated;
  if (typeof total !== "number") throw drift(page.label, [sign.total], "holds no total");
  const length = page.ids.length;
  // A total that is too low must not cut the listing off: a full page promises more whatever the total says.
  const full = length > 0 && (length >= (page.asked ?? Infinity) || (page.longest > 0 && length >= page.longest));
  return !full && (page.before + length >= total || start >= total);
}

function flagAt(page: WalkedPage, path: string): boolean {
  const flag = valueAt(page.answer, path);
  // In XML everything is a text.
  if (flag === "true" || flag === "false") return flag === "true";
  if (typeof flag !== "boolean") throw drift(page.label, [path], "does not say whether there is more");
  return flag;
}

function stuck(page: WalkedPage, what: string): Error {
  return httpError("CLIENT_PAGING_STUCK", `${page.label}: the provider ${what}.`);
}
