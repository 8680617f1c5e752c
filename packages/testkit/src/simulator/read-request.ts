import { isBelayError, valueAt } from "@belay/sdk";
import type { DeclaredBodies, OperationOptions, PlacedListing, ReceivedRequest } from "@belay/sdk";
import { decodeBody, refuseOtherType, resolveBodies } from "@belay/sdk/formats";
import type { OperationRequest } from "./operation.ts";
import type { RouteMatch } from "./match-route.ts";
import { headerOf } from "./wire.ts";
import type { Headers } from "./wire.ts";

/** A request below an account. */
export interface AccountRequest {
  readonly method: string;
  /** The URL of the account itself: `http://127.0.0.1:4321/acme`. */
  readonly base: string;
  /** Without the account. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  readonly bytes?: Uint8Array;
}

/** The request as a connector's simulator section sees it. */
export function receivedOf({ method, pathname, query, headers }: AccountRequest, sequence: number): ReceivedRequest {
  const single = Object.keys(headers).flatMap((name) => {
    const value = headerOf(headers, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { sequence, method, path: pathname, query: Object.fromEntries(query), headers: Object.fromEntries(single) };
}

export type Reading =
  | { readonly kind: "operation"; readonly request: OperationRequest }
  | { readonly kind: "malformed" | "wrong-type"; readonly what: string }
  | { readonly kind: "unknown" };

/** What a request asks for; `unknown` where the API has no such call. */
export async function readRequest(
  request: AccountRequest,
  { model, id, many, listing }: RouteMatch,
  bodies: DeclaredBodies,
): Promise<Reading> {
  const { resource } = model;
  const asked = (operation: OperationRequest["operation"], texts = false): Reading => ({
    kind: "operation",
    request: { resource: model.name, headers: request.headers, operation, texts },
  });
  const { query } = request;
  if (listing !== undefined) {
    const parameters = await readParameters(request, listing, bodies);
    if (parameters === undefined) return { kind: "unknown" };
    if (!(parameters instanceof URLSearchParams)) return parameters;
    return asked({ kind: "list", url: `${request.base}${request.pathname}`, path: request.pathname, query: parameters, listing });
  }
  if (many.length > 0) {
    const of = many.find((kind) => (resource[`${kind}Many`]?.method ?? "POST") === request.method);
    if (of === undefined) return { kind: "unknown" };
    const reading = await readBody(request, resource[`${of}Many`], bodies);
    return "body" in reading ? asked({ kind: "many", of, body: reading.body }) : reading;
  }
  if (request.method === "GET" && id === undefined)
    return resource.list || resource.find?.style.kind === "query"
      ? asked({ kind: "list", url: `${request.base}${request.pathname}`, path: request.pathname, query })
      : { kind: "unknown" };
  if (request.method === "GET" && id !== undefined)
    return resource.get || resource.find?.style.kind === "path" ? asked({ kind: "read", id, query }) : { kind: "unknown" };
  if (request.method === "DELETE" && id !== undefined) return resource.delete ? asked({ kind: "delete", id }) : { kind: "unknown" };
  const writes = id === undefined ? resource.create !== undefined && request.method === "POST" : resource.update?.method === request.method;
  if (!writes) return { kind: "unknown" };
  const reading = await readBody(request, id === undefined ? resource.create : resource.update, bodies);
  if (!("body" in reading)) return reading;
  const { body, texts } = reading;
  return asked(id === undefined ? { kind: "create", body } : { kind: "update", id, body }, texts);
}

/** The parameters of a listing: those of its query, or, of one that is asked for by a body, what stands at their paths there. Undefined: another method. */
async function readParameters(
  request: AccountRequest,
  listing: PlacedListing,
  bodies: DeclaredBodies,
): Promise<URLSearchParams | Extract<Reading, { what: string }> | undefined> {
  if (listing.body === undefined) return request.method === "GET" ? request.query : undefined;
  if (request.method !== "POST") return undefined;
  const reading = await readBody(request, listing, bodies);
  if (!("body" in reading)) return reading;
  const { paging, size, filters = {}, orders = {} } = listing;
  const names = [
    ...("parameter" in paging ? [paging.parameter] : []),
    ...(size === undefined ? [] : [size.parameter]),
    ...Object.keys(filters),
    ...Object.values(orders).flatMap((order) => Object.keys(order.query)),
  ];
  const parameters = new URLSearchParams();
  for (const name of names) {
    const value = valueAt(reading.body, name);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") parameters.set(name, String(value));
  }
  return parameters;
}

async function readBody(
  { headers, body: text, bytes }: AccountRequest,
  operation: OperationOptions | undefined,
  declared: DeclaredBodies,
): Promise<{ readonly body: unknown; readonly texts: boolean } | Extract<Reading, { what: string }>> {
  const bodies = resolveBodies(operation?.bodies, declared);
  const wire = { text, bytes, contentType: headerOf(headers, "content-type") };
  try {
    // A media type of the provider's own is not one of the format's.
    if (bodies.contentType === undefined) refuseOtherType(bodies.sent, wire);
    const body = await decodeBody(bodies.sent, wire, bodies);
    const isRows = bodies.sent === "csv" || bodies.sent === "ndjson";
    const texts = bodies.sent !== "json" && bodies.sent !== "ndjson";
    return { texts, body: isRows && Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return { kind: error.code === "FORMAT_TYPE_UNEXPECTED" ? "wrong-type" : "malformed", what: `The body ${error.message}.` };
  }
}
