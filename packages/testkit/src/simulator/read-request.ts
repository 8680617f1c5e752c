import { isBelayError } from "@belay/sdk";
import type { DeclaredBodies, OperationOptions } from "@belay/sdk";
import { decodeBody, refuseOtherType, resolveBodies } from "@belay/sdk/formats";
import type { OperationRequest } from "./perform.ts";
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

export type Reading =
  | { readonly kind: "operation"; readonly request: OperationRequest }
  | { readonly kind: "malformed" | "wrong-type"; readonly what: string }
  | { readonly kind: "unknown" };

/** What a request asks for; `unknown` where the API has no such call. */
export async function readRequest(request: AccountRequest, { model, id }: RouteMatch, bodies: DeclaredBodies): Promise<Reading> {
  const { resource } = model;
  const asked = (operation: OperationRequest["operation"]): Reading => ({
    kind: "operation",
    request: { resource: model.name, headers: request.headers, operation },
  });
  const { query } = request;
  if (request.method === "GET" && id === undefined)
    return resource.list || resource.find?.style.kind === "query"
      ? asked({ kind: "list", url: `${request.base}${request.pathname}`, query })
      : { kind: "unknown" };
  if (request.method === "GET" && id !== undefined)
    return resource.get || resource.find?.style.kind === "path" ? asked({ kind: "read", id, query }) : { kind: "unknown" };
  if (request.method === "DELETE" && id !== undefined) return resource.delete ? asked({ kind: "delete", id }) : { kind: "unknown" };
  const writes = id === undefined ? resource.create !== undefined && request.method === "POST" : resource.update?.method === request.method;
  if (!writes) return { kind: "unknown" };
  const reading = await readBody(request, id === undefined ? resource.create : resource.update, bodies);
  if (!("body" in reading)) return reading;
  const { body } = reading;
  return asked(id === undefined ? { kind: "create", body } : { kind: "update", id, body });
}

async function readBody(
  { headers, body: text, bytes }: AccountRequest,
  operation: OperationOptions | undefined,
  declared: DeclaredBodies,
): Promise<{ readonly body: unknown } | Extract<Reading, { what: string }>> {
  const bodies = resolveBodies(operation?.bodies, declared);
  const wire = { text, bytes, contentType: headerOf(headers, "content-type") };
  try {
    // A media type of the provider's own is not one of the format's.
    if (bodies.contentType === undefined) refuseOtherType(bodies.sent, wire);
    const body = await decodeBody(bodies.sent, wire, bodies);
    const isRows = bodies.sent === "csv" || bodies.sent === "ndjson";
    return { body: isRows && Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return { kind: error.code === "FORMAT_TYPE_UNEXPECTED" ? "wrong-type" : "malformed", what: `The body ${error.message}.` };
  }
}
