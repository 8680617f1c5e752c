import { BelayError } from "@belay/sdk";

/** A dot segment, its dots and its slashes plain or encoded: a proxy or server on the way may decode it and climb. */
const dotSegment = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;

/**
 * The path and query below the connection's base URL, as the caller wrote them: nothing is decoded or encoded anew, because providers tell `%2F` from `/`.
 *
 * @param url The target of the caller's request.
 * @throws `PROXY_PATH_INVALID` for one that could be taken for something above or beside.
 */
export function readPath(url: string): string {
  // An absolute one (`GET http://evil.example/v1/proxy/…`) is routed by its path all the same.
  if (!url.startsWith("/v1/proxy/")) throw invalid("the request names a whole URL");
  // "/v1/proxy/<connection>" and what follows.
  const at = url.indexOf("/", "/v1/proxy/".length);
  const asked = at === -1 ? "/" : url.slice(at);
  const query = asked.indexOf("?");
  const path = query === -1 ? asked : asked.slice(0, query);
  if (path.startsWith("//")) throw invalid("it begins with two slashes");
  if (path.includes("\\") || /^\/%(?:2f|5c)/i.test(path)) throw invalid("it has a backslash, or begins with an encoded slash");
  if (dotSegment.test(path)) throw invalid("it has a dot segment");
  if (/[^\x21-\x7e]/.test(asked) || asked.includes("#")) throw invalid("it has characters that a URL has only encoded");
  return asked;
}

function invalid(what: string): BelayError {
  return new BelayError("PROXY_PATH_INVALID", `The path could lead elsewhere: ${what}.`);
}
