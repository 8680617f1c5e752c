import { parseForm } from "./form.ts";
import type { OperationRequest } from "./perform.ts";
import type { RouteMatch } from "./match-route.ts";
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
  /** How the API reads bodies. */
  readonly bodies: "json" | "form";
}

export type Reading =
  | { readonly kind: "operation"; readonly request: OperationRequest }
  | { readonly kind: "malformed"; readonly what: string }
  | { readonly kind: "unknown" };

/** What a request asks for; `unknown` where the API has no such call. */
export function readRequest(request: AccountRequest, { model, id }: RouteMatch): Reading {
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
  const body = request.bodies === "form" ? parseForm(request.body) : parseJson(request.body);
  if (body === malformed) return { kind: "malformed", what: "The body is not JSON." };
  return asked(id === undefined ? { kind: "create", body } : { kind: "update", id, body });
}

const malformed: unique symbol = Symbol("malformed");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed; // the answer says so
  }
}
