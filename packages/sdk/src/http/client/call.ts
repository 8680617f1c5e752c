import type { OperationOptions, RequestDraft } from "../../connector/operation.ts";
import { BelayError, isBelayError } from "../../errors/belay-error.ts";
import { decodeBody, encodeBody, mediaTypes, refuseOtherType, resolveBodies } from "../../formats/index.ts";
import type { ResolvedBodies } from "../../formats/index.ts";
import { httpError } from "../errors.ts";
import type { Operation } from "../operation-context.ts";
import { headerOf } from "../outbound.ts";
import type { Method, OutboundResponse, Write } from "../outbound.ts";
import { drift } from "./decode-record.ts";
import { createRequest } from "./resource-access.ts";
import type { ResourceAccess } from "./resource-access.ts";

/** One call of an operation. */
export interface Call {
  readonly label: string;
  readonly declared: OperationOptions | undefined;
  readonly method: Method;
  readonly path: string;
  /** Becomes the body; absent: none. */
  readonly value?: unknown;
  /** Of this call alone, such as a precondition; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly operation: Operation | undefined;
  readonly write?: Write;
  readonly absentOn404?: boolean;
  /** The answer says nothing beyond its status. */
  readonly bare?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: OutboundResponse["headers"];
  /** Undefined for a 404 that is an answer, and for a bare call. */
  readonly body: unknown;
  readonly bodies: ResolvedBodies;
}

/**
 * Writes the request in the operation's format, sends it through the pipeline, and reads the answer.
 *
 * @throws `CLIENT_INPUT_INVALID` when the format cannot hold the input; `CLIENT_CONTENT_TYPE_UNEXPECTED` and `CLIENT_RESPONSE_INVALID` for an
 * answer of another type or one that cannot be read; `CLIENT_MAPPING_FAILED` when the connector's own code throws.
 */
export async function call(access: ResourceAccess, { declared, label, ...parts }: Call): Promise<Answered> {
  const bodies = resolveBodies(declared?.bodies, access.bodies);
  const headers = { accept: mediaTypes[bodies.received].accept, ...access.headers, ...parts.headers };
  const plain: RequestDraft = { method: parts.method, path: parts.path, headers, body: parts.value };
  const draft = declared?.request === undefined ? plain : runMapping(label, "request", declared.request, plain);
  if (typeof draft.path !== "string" || !draft.path.startsWith("/"))
    throw httpError("CLIENT_MAPPING_FAILED", `${label}: the connector's request code gave a path that does not start with a slash.`);
  const encoded = draft.body === undefined ? undefined : encodeInput(label, bodies, draft.body);
  const response = await access.send(
    createRequest({
      label,
      method: draft.method,
      path: draft.path,
      headers: draft.headers,
      operation: parts.operation,
      ...(encoded === undefined ? {} : { body: encoded.body, contentType: encoded.contentType }),
      ...(parts.write === undefined ? {} : { write: parts.write }),
      absentOn404: parts.absentOn404 ?? false,
    }),
  );
  const { status } = response;
  if (status === 404 || parts.bare === true) return { status, headers: response.headers, body: undefined, bodies };
  const hasRows = bodies.received === "csv" || bodies.received === "ndjson";
  if (response.body === "" && !hasRows && declared?.response === undefined)
    throw drift(label, [""], `has no body (status ${status})${parts.write ? hintAtNothing : ""}`);
  const body = response.body === "" && !hasRows ? undefined : await decodeAnswer(label, bodies, response);
  const answer = { request: draft, status, headers: response.headers, body };
  const mapped = declared?.response === undefined ? body : runMapping(label, "response", declared.response, answer);
  return { status, headers: response.headers, body: mapped, bodies };
}

/** Written for the author of the connector, who meets it at the first update. */
const hintAtNothing = '; where updates are always answered so, the connector says returns: "nothing"';

function encodeInput(label: string, bodies: ResolvedBodies, value: unknown): ReturnType<typeof encodeBody> {
  try {
    return encodeBody(bodies.sent, value, bodies);
  } catch (error) {
    if (!isBelayError(error)) throw error;
    throw httpError("CLIENT_INPUT_INVALID", `${label}: ${error.message}.`, { cause: error, details: { paths: [] } });
  }
}

async function decodeAnswer(label: string, bodies: ResolvedBodies, response: OutboundResponse): Promise<unknown> {
  const body = { text: response.body, bytes: response.bytes, contentType: headerOf(response, "content-type") };
  try {
    refuseOtherType(bodies.received, body);
    return await decodeBody(bodies.received, body, bodies);
  } catch (error) {
    if (!isBelayError(error)) throw error;
    if (error.code !== "FORMAT_TYPE_UNEXPECTED") throw drift(label, [""], error.message);
    const { details } = error;
    throw httpError("CLIENT_CONTENT_TYPE_UNEXPECTED", `${label}: the provider's answer ${error.message}.`, { cause: error, details });
  }
}

/** Runs a connector's own code. Its error is a mistake of the connector, which no repetition mends. */
function runMapping<In, Out>(label: string, which: "request" | "response", mapping: (value: In) => Out, value: In): Out {
  try {
    return mapping(value);
  } catch (cause) {
    if (cause instanceof BelayError) throw cause;
    throw httpError("CLIENT_MAPPING_FAILED", `${label}: the connector's ${which} code threw.`, { cause });
  }
}
