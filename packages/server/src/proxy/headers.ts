import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Of one connection only. @see RFC 9110, section 7.6.1 */
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** What proves who the caller is, or tells where the call came from: none of the provider's business. The rest is the pipeline's to set. */
const keptHere = new Set([
  ...hopByHop,
  "authorization",
  "baggage",
  "content-length",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "traceparent",
  "via",
  "x-csrf-token",
  "x-real-ip",
]);

/** What a provider may say to its own pages, but not in the name of Belay's origin. */
const keptThere = new Set([
  ...hopByHop,
  "alt-svc",
  "clear-site-data",
  "content-security-policy",
  "content-security-policy-report-only",
  "service-worker-allowed",
  "set-cookie",
  "set-cookie2",
  "strict-transport-security",
]);

/** What of the caller's headers goes to the provider. */
export function requestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const named = namedIn(headers.connection);
  const passed: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || keptHere.has(name) || named?.has(name) === true || isOurs(name) || name.startsWith("x-forwarded-")) continue;
    passed[name] = typeof value === "string" ? value : value.join(", ");
  }
  passed["user-agent"] ??= "belay";
  return passed;
}

/**
 * What of the provider's headers goes to the caller, and what is added. An answer that a browser shows must not act in the name of this origin, where operators are signed
 * in: it is sandboxed, and taken for what its type says.
 */
export function answerHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): OutgoingHttpHeaders {
  const connection = headers["connection"];
  const named = namedIn(Array.isArray(connection) ? connection.join(",") : connection);
  const passed: OutgoingHttpHeaders = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || keptThere.has(name) || named?.has(name) === true || isOurs(name)) continue;
    passed[name] = value;
  }
  passed["content-security-policy"] = "default-src 'none'; sandbox";
  passed["x-content-type-options"] = "nosniff";
  passed["x-belay-source"] = "provider";
  return passed;
}

function isOurs(name: string): boolean {
  return name.startsWith("x-belay-");
}

/** Headers that are declared to be of one connection only. Most often none is. */
function namedIn(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
}
