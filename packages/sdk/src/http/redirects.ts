import { httpError } from "./errors.ts";
import { headerOf } from "./outbound.ts";
import type { Layer, OutboundRequest, OutboundResponse } from "./outbound.ts";
import type { UrlGuard } from "./url-guard.ts";

const mostHops = 3;
const statuses = new Set([301, 302, 303, 307, 308]);
/** All that another origin is told. Headers that it needs not know are left out by not standing here: a credential's header may have any name. */
const harmless = new Set(["accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match", "range", "user-agent"]);

/**
 * Follows redirects of reads, each hop judged anew: its URL here, its address when it is connected to. What the first origin was entrusted with goes to no other, not even
 * when a later hop leads back. Stands behind auth, so that every hop has a span and is recorded as an exchange of its own.
 *
 * @throws `HTTP_URL_FORBIDDEN` for a hop that leads out of the connector's hosts, `HTTP_REDIRECTED` when there is no end to it.
 */
export function followRedirects(origin: string, guard: UrlGuard): Layer {
  return (next) => async (request) => {
    let current: OutboundRequest = request;
    for (let hop = 0; ; hop += 1) {
      const response = await next(current);
      const target = targetOf(current, response, current.origin ?? origin);
      if (target === undefined) return response;
      const refused = guard.refuse(target);
      if (refused !== undefined) throw refused;
      if (hop === mostHops)
        throw httpError("HTTP_REDIRECTED", `${request.label}: more than ${mostHops} redirects.`, { details: { sent: true } });
      current = leadTo(current, target, origin);
    }
  };
}

/** Where a read is sent on to; undefined for an answer. */
function targetOf({ method, path }: OutboundRequest, response: OutboundResponse, origin: string): URL | string | undefined {
  if ((method !== "GET" && method !== "HEAD") || !statuses.has(response.status)) return undefined;
  const location = headerOf(response, "location");
  if (location === undefined) return undefined;
  return URL.canParse(location, origin + path) ? new URL(location, origin + path) : location;
}

function leadTo(request: OutboundRequest, target: URL | string, origin: string): OutboundRequest {
  const url = new URL(target);
  const path = url.pathname + url.search;
  if (request.origin === undefined && url.origin === origin) return { ...request, path };
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => harmless.has(name)));
  return { ...request, origin: url.origin, path, headers };
}
