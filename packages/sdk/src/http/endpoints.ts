import type { OutboundRequest } from "./outbound.ts";

/** What tells which endpoint a request goes to. */
export type Addressed = Pick<OutboundRequest, "label" | "method" | "path">;

/**
 * Whether requests go to an endpoint as limits name it: an operation (`search.list`), a resource (`search`), or a method and a path below the base URL's (`POST /search`,
 * `GET /boards/{id}/cards`), which counts for all below it.
 */
export function matchEndpoint(endpoint: string, connector: string, basePath: string): (request: Addressed) => boolean {
  const [method, pattern] = endpoint.split(" ");
  if (pattern === undefined) {
    const label = `${connector}.${endpoint}`;
    return (request) => request.label === label || request.label.startsWith(`${label}.`);
  }
  const wanted = partsOf(pattern);
  const base = partsOf(basePath).length;
  return (request) => {
    if (request.method !== method) return false;
    const parts = partsOf(request.path.split("?", 1)[0] ?? "");
    return wanted.every((part, index) => part === parts[base + index] || (part.startsWith("{") && parts[base + index] !== undefined));
  };
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}
