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

/** Headers by which some servers and gateways take another path than the one that was asked for, and was looked at here. */
const leadElsewhere = ["x-original-url", "x-rewrite-url", "x-original-host", "x-host"];

/** Where the caller is, as those who stand between may say it: whoever believes it must not hear it from somebody who may say anything. */
const addresses = [
  "cf-connecting-ip",
  "fastly-client-ip",
  "forwarded",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-real-ip",
];

/** What proves who the caller is, or tells where the call came from: none of the provider's business. The rest is the pipeline's to set. */
const keptHere = new Set([
  ...hopByHop,
  ...leadElsewhere,
  ...addresses,
  "authorization",
  "baggage",
  "content-length",
  "cookie",
  "expect",
  "host",
  "http2-settings",
  "traceparent",
  "via",
  "x-csrf-token",
]);

/** Read as another method by many servers. A read is repeated after a failure, which something else in its clothes must not be. */
const otherMethods = new Set(["x-http-method", "x-http-method-override", "x-method-override"]);

/** What a provider may say to its own pages, but not in the name of Belay's origin. */
const keptThere = new Set([
  ...hopByHop,
  "alt-svc",
  "clear-site-data",
  "content-security-policy",
  "content-security-policy-report-only",
  "accept-ch",
  "critical-ch",
  "nel",
  "origin-agent-cluster",
  "public-key-pins",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "set-cookie",
  "set-cookie2",
  "set-login",
  "strict-transport-security",
]);

/** Orders to a proxy that stands before Belay: to send a file or an internal address of its own in the place of the answer. */
const ordersToProxies = ["x-accel-", "x-sendfile", "x-lighttpd-", "x-reproxy-"];

/** Addresses that a provider makes of the one that it was asked at, and so of a credential in its query. */
const echoes = new Set(["content-location", "link", "location", "refresh"]);

/** What of the caller's headers goes to the provider. @param isRead The request is one that may be repeated at will. */
export function requestHeaders(headers: IncomingHttpHeaders, isRead = false): Record<string, string> {
  const named = namedIn(headers.connection);
  const passed: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || keptHere.has(name) || named?.has(name) === true || isOurs(name) || name.startsWith("x-forwarded-")) continue;
    if (isRead && otherMethods.has(name)) continue;
    passed[name] = typeof value === "string" ? value : value.join(", ");
  }
  passed["user-agent"] ??= "belay";
  return passed;
}

/**
 * What of the provider's headers goes to the caller, and what is added. An answer that a browser shows must not act in the name of this origin, where operators are signed
 * in: it is sandboxed, and taken for what its type says.
 *
 * @param hide Takes the credential out of an address.
 */
export function answerHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  hide: (address: string) => string,
): OutgoingHttpHeaders {
  const connection = headers["connection"];
  const named = namedIn(Array.isArray(connection) ? connection.join(",") : connection);
  const passed: OutgoingHttpHeaders = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || keptThere.has(name) || named?.has(name) === true || isOurs(name) || isOrder(name)) continue;
    passed[name] = echoes.has(name) ? [value].flat().map(hide) : value;
  }
  passed["content-security-policy"] = "default-src 'none'; sandbox";
  passed["x-content-type-options"] = "nosniff";
  passed["x-belay-source"] = "provider";
  return passed;
}

function isOurs(name: string): boolean {
  return name.startsWith("x-belay-");
}

function isOrder(name: string): boolean {
  return name.startsWith("x-") && ordersToProxies.some((start) => name.startsWith(start));
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
