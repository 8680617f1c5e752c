import type { EndOfPages, Paging } from "../../connector/listing.ts";
import { valueAt } from "../../connector/value-at.ts";
import type { EndSign } from "./proof.ts";

/** What an answer says of the pages after it. */
export type Sign =
  | { readonly kind: "flag"; readonly more: boolean }
  | { readonly kind: "total"; readonly total: number }
  /** The only sign is a page without records. */
  | { readonly kind: "empty" }
  /** Undefined: there is no next page. */
  | { readonly kind: "token"; readonly token: string | undefined; readonly by: EndSign }
  | { readonly kind: "link"; readonly url: string | undefined }
  | { readonly kind: "none" }
  /** The sign is missing: an answer without it must not look like the last page. */
  | { readonly kind: "invalid"; readonly path: string; readonly what: string };

/** Reads the sign off an answer. `link`: the URL of the `Link` header with `rel="next"`. */
export function readSign(paging: Paging, body: unknown, link: string | undefined): Sign {
  switch (paging.kind) {
    case "offset":
    case "page":
      return readEnd(paging.end, body);
    case "keyset":
      return readFlag(body, paging.more);
    case "cursor":
      return readCursor(paging, body);
    case "link": {
      const url = paging.path === undefined ? link : valueAt(body, paging.path);
      if (url === undefined || url === null || url === "") return { kind: "link", url: undefined };
      if (typeof url !== "string") return { kind: "invalid", path: paging.path ?? "link", what: "names no URL of the next page" };
      return { kind: "link", url };
    }
    case "none":
      return { kind: "none" };
  }
}

function readEnd(end: EndOfPages, body: unknown): Sign {
  if ("emptyPage" in end) return { kind: "empty" };
  if ("more" in end) return readFlag(body, end.more);
  const stated = valueAt(body, end.total);
  const total = typeof stated === "string" && /^\d{1,15}$/.test(stated) ? Number(stated) : stated;
  return typeof total === "number" ? { kind: "total", total } : { kind: "invalid", path: end.total, what: "holds no total" };
}

function readFlag(body: unknown, path: string): Extract<Sign, { kind: "flag" | "invalid" }> {
  const flag = valueAt(body, path);
  // In XML everything is a text.
  if (flag === "true" || flag === "false") return { kind: "flag", more: flag === "true" };
  if (typeof flag !== "boolean") return { kind: "invalid", path, what: "does not say whether there is more" };
  return { kind: "flag", more: flag };
}

function readCursor(paging: Extract<Paging, { kind: "cursor" }>, body: unknown): Sign {
  if (paging.more !== undefined) {
    const flag = readFlag(body, paging.more);
    if (flag.kind === "invalid") return flag;
    if (!flag.more) return { kind: "token", token: undefined, by: "end-by-flag" };
  }
  const token = valueAt(body, paging.next);
  if (typeof token === "number") return { kind: "token", token: String(token), by: "end-by-no-cursor" };
  if (typeof token === "string" && token !== "") return { kind: "token", token, by: "end-by-no-cursor" };
  const none = token === undefined || token === null || token === "";
  if (none && paging.more === undefined) return { kind: "token", token: undefined, by: "end-by-no-cursor" };
  return { kind: "invalid", path: paging.next, what: "holds no cursor to go on with" };
}
