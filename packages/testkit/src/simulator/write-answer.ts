import type { ConnectorDefinition, OperationOptions, Resource } from "@belay/sdk";
import { encodeBody, resolveBodies } from "@belay/sdk/formats";
import type { ResolvedBodies } from "@belay/sdk/formats";
import type { Answer } from "./answer.ts";
import type { Operation } from "./operation.ts";
import type { AccountRequest } from "./read-request.ts";
import type { WireAnswer, WireOutcome } from "./wire.ts";

/** Writes an answer as the provider does: in its format, after what its operations' own code would undo. */
export function answered(connector: ConnectorDefinition, request: AccountRequest, answer: Answer): WireOutcome {
  const { bodies, ...worded } = answer;
  const { status, headers = {}, body } = wordAnswer(connector, request, worded);
  if (body === undefined) return { kind: "answer", answer: { status, headers, body: "" } };
  // Only an error is ever a text, which then stands as the provider words it; records are objects in every format.
  if (typeof body === "string") return plainText(status, headers, body);
  const written = writeBody(bodies ?? errorBodies(connector), body);
  return {
    kind: "answer",
    answer: { status, headers: { "content-type": `${written.contentType}; charset=utf-8`, ...headers }, body: written.body },
  };
}

function plainText(status: number, headers: Readonly<Record<string, string>>, body: string): WireOutcome {
  const type = body === "" ? {} : { "content-type": "text/plain; charset=utf-8" };
  return { kind: "answer", answer: { status, headers: { ...type, ...headers }, body } };
}

function wordAnswer(connector: ConnectorDefinition, request: AccountRequest, answer: Answer): Answer {
  const word = connector.simulator?.response;
  if (word === undefined) return answer;
  return word({ status: answer.status, headers: answer.headers ?? {}, body: answer.body }, asSimulated(request));
}

/** The request as the declaration alone would have made it. */
export function unmapRequest(connector: ConnectorDefinition, request: AccountRequest): AccountRequest {
  const unmap = connector.simulator?.request;
  if (unmap === undefined) return request;
  const { method, path, headers, body } = unmap(asSimulated(request));
  const url = new URL(path, "http://provider");
  const { bytes, ...rest } = request;
  const kept = body === request.body && bytes !== undefined ? { bytes } : {};
  return { ...rest, ...kept, method, pathname: url.pathname, query: url.searchParams, headers, body };
}

function asSimulated({ method, pathname, query, headers, body }: AccountRequest) {
  const text = query.toString();
  return { method, path: text === "" ? pathname : `${pathname}?${text}`, headers, body };
}

/** The declaration behind an operation. */
export function operationOf(resource: Resource, operation: Operation): OperationOptions | undefined {
  switch (operation.kind) {
    case "create":
      return resource.create;
    case "update":
      return resource.update;
    case "many":
      return resource[`${operation.of}Many`];
    case "delete":
      return resource.delete;
    case "read":
      return resource.get ?? resource.find;
    case "list":
      return resource.list ?? resource.find;
  }
}

/** Errors come in the connector's own format; tables have no room for them, so there they are JSON. */
function errorBodies({ bodies }: ConnectorDefinition): ResolvedBodies {
  const resolved = resolveBodies(bodies);
  return resolved.received === "xml" ? resolved : resolveBodies("json");
}

function writeBody(bodies: ResolvedBodies, body: unknown): Pick<WireAnswer, "body"> & { readonly contentType: string } {
  const { contentType: _sent, ...received } = bodies;
  const rooted = bodies.received === "xml" && !hasOneMember(body) ? { error: body } : body;
  const { body: written, contentType } = encodeBody(bodies.received, rooted, received);
  return { body: typeof written === "string" ? written : Buffer.from(written).toString("utf8"), contentType };
}

function hasOneMember(body: unknown): boolean {
  return typeof body === "object" && body !== null && !Array.isArray(body) && Object.keys(body).length === 1;
}
