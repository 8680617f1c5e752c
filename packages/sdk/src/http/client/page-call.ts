import type { ListOperation } from "../../connector/listing.ts";
import type { PageRequest } from "../../sync/walk/index.ts";
import { httpError } from "../errors.ts";
import type { ResourceAccess } from "./resource-access.ts";

/** How a page is asked for. */
export interface PageCall {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  /** Becomes the body; absent: none. */
  readonly value?: unknown;
}

/**
 * The call for a page of a listing at `base`: a GET with its parameters in the query, or a POST with them in its body. The resource's own
 * parameters stand in the query of a GET alone.
 *
 * @throws `CLIENT_NEXT_LINK_FORBIDDEN` for a URL at another origin: the credential goes along with every page.
 */
export function pageCall(access: ResourceAccess, label: string, base: string, listing: ListOperation, request: PageRequest): PageCall {
  if (request.kind === "url") return { method: "GET", path: followLink(access, label, base, request.url) };
  if (listing.body !== undefined) return { method: "POST", path: base, value: withParameters(listing.body, request.parameters) };
  const parameters = new URLSearchParams(access.query);
  for (const [name, value] of Object.entries(request.parameters)) parameters.set(name, value);
  const text = parameters.toString();
  return { method: "GET", path: text === "" ? base : `${base}?${text}` };
}

/** A copy of the body with each parameter at its dotted path: as a number where there is one, else as a text. */
function withParameters(body: Readonly<Record<string, unknown>>, parameters: Readonly<Record<string, string>>): unknown {
  const copy: unknown = structuredClone(body);
  for (const [path, value] of Object.entries(parameters)) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    let current = Object(copy) as Record<string, unknown>;
    for (const name of names) {
      const inner = current[name];
      current[name] = typeof inner === "object" && inner !== null ? inner : {};
      current = Object(current[name]) as Record<string, unknown>;
    }
    current[last] = typeof current[last] === "number" ? Number(value) : value;
  }
  return copy;
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
