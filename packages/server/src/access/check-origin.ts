import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a request comes from our own pages: browsers say so of every request that changes something. One without either header is none of a browser's and has no cookie
 * of a person to misuse – and yet is refused, since it must not come by one.
 *
 * @param publicUrl where browsers reach us; default: the host that the request names.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return headers["sec-fetch-site"] === "same-origin";
  if (publicUrl !== undefined) return origin === new URL(publicUrl).origin;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
