import type { PageRequest } from "../../sync/walk/index.ts";
import { httpError } from "../errors.ts";
import type { ResourceAccess } from "./resource-access.ts";

/**
 * Path and query of a page of a listing at `base`.
 *
 * @param own - whether the resource's own parameters go along: those of its records, not of other listings.
 * @throws `CLIENT_NEXT_LINK_FORBIDDEN` for a URL at another origin: the credential goes along with every page.
 */
export function pagePath(access: ResourceAccess, label: string, base: string, request: PageRequest, own = true): string {
  if (request.kind === "url") return followLink(access, label, base, request.url);
  const parameters = new URLSearchParams(own ? access.query : "");
  for (const [name, value] of Object.entries(request.parameters)) parameters.set(name, value);
  const text = parameters.toString();
  return text === "" ? base : `${base}?${text}`;
}

/** A relative link is resolved against the page that had it, and of that only the path matters: all pages have the same. */
function followLink(access: ResourceAccess, label: string, base: string, link: string): string {
  const from = `${access.origin}${base}`;
  const url = URL.canParse(link, from) ? new URL(link, from) : undefined;
  if (url === undefined || url.origin !== access.origin) {
    throw httpError("CLIENT_NEXT_LINK_FORBIDDEN", `${label}: the provider's link to the next page leads to another origin.`);
  }
  return `${url.pathname}${url.search}`;
}
