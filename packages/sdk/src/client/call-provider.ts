import { BelayError } from "../errors/belay-error.ts";

/** A call of a provider through Belay. */
export interface ProxyCall {
  /** Default `GET`. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the connection's address, with the query, encoded as the provider wants it: `/api/v2/tickets?page=2`. */
  readonly path: string;
  /** With an `Idempotency-Key`, a write is repeated where the connector's write safety covers that. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Ends the call, the provider's too. Default: nothing does but the server's own limits. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the request of a call.
 *
 * @throws `PROXY_PATH_INVALID` for a path that a URL would not keep as it is: it could lead to another route of Belay's.
 */
export function toProxyRequest(url: string, token: string, connection: string, call: ProxyCall): Request {
  const { method = "GET", path, headers, body, signal } = call;
  const below = `/v1/proxy/${encodeURIComponent(connection)}`;
  const target = URL.canParse(`${url}${below}${path}`) ? new URL(`${url}${below}${path}`) : undefined;
  if (!path.startsWith("/") || target === undefined || target.hash !== "" || !target.href.endsWith(`${below}${path}`))
    throw new BelayError("PROXY_PATH_INVALID", "Begin the path with a slash, encode it, and write no dot segments.");
  return new Request(target, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    redirect: "manual",
    ...(body !== undefined && { body }),
    // What is streamed is sent while it is made.
    ...(body instanceof ReadableStream && { duplex: "half" }),
    ...(signal !== undefined && { signal }),
  });
}
