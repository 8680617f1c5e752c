import { valueAt } from "../../connector/value-at.ts";
import type { BulkKind } from "../../connector/bulk.ts";
import type { ErrorRow, Resource } from "../../connector/types.ts";
import type { DeclaredBodies } from "../../formats/index.ts";
import type { Clock } from "../clock.ts";
import { httpError } from "../errors.ts";
import type { Operation } from "../operation-context.ts";
import type { Method, OutboundRequest, Send, Write } from "../outbound.ts";
import type { Collectors } from "./bulk/collector.ts";
import type { ConnectionCache } from "./cache/answer-cache.ts";
import type { ConnectionLastKnown } from "./fallback/last-known.ts";

/** A resource at one connection: what all of its calls share, worked out once. */
export interface ResourceAccess {
  /** `zendesk.ticket` */
  readonly label: string;
  /** The resource's own, such as `ticket`. */
  readonly name: string;
  readonly resource: Resource;
  /** `https://host:port`: where all calls go. */
  readonly origin: string;
  /** Sent with every request, such as the API version; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** How bodies are written where the operation does not say. */
  readonly bodies: DeclaredBodies;
  /** The base URL's path and the resource's. */
  readonly path: string;
  /** The same of one record, with `{id}`. */
  readonly recordPath: string;
  /** The resource's own query parameters for reads, encoded: `a=1&b=2`, or empty. */
  readonly query: string;
  /** The paths of calls for many. */
  readonly bulkPaths: Readonly<Partial<Record<BulkKind, string>>>;
  /** Writes of this resource that wait to be sent together, wherever they go; shared by all places. */
  readonly collectors: Collectors;
  /** What the connector says of error answers. */
  readonly errors: readonly ErrorRow[];
  /** What calls were answered with last, at this connection. Absent: nothing is kept. */
  readonly lastKnown?: ConnectionLastKnown;
  /** Answers that may be given again. Absent: every call asks. */
  readonly cache?: ConnectionCache;
  readonly send: Send;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  readonly attemptTimeoutMs: number;
}

export interface RequestParts {
  readonly label: string;
  readonly method: Method;
  readonly path: string;
  readonly operation: Operation | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly write?: Write;
  readonly absentOn404?: boolean;
}

/** A fresh request; its headers are its own. */
export function createRequest(parts: RequestParts): OutboundRequest {
  const context = parts.operation?.context;
  const headers: Record<string, string> = { "user-agent": "belay", ...parts.headers };
  if (parts.contentType !== undefined) headers["content-type"] = parts.contentType;
  return {
    label: parts.label,
    method: parts.method,
    path: parts.path,
    headers,
    body: parts.body,
    write: parts.write,
    absentOn404: parts.absentOn404 ?? false,
    operation: parts.operation,
    signal: context?.signal,
    deadlineAt: context?.deadlineAt ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * The path of one record.
 *
 * @throws `CLIENT_INPUT_INVALID` for an id that would address something else: empty, or a dot segment.
 */
export function recordPath(access: ResourceAccess, label: string, id: unknown): string {
  const text = typeof id === "number" ? String(id) : id;
  if (typeof text !== "string" || text === "" || text === "." || text === "..") {
    throw httpError("CLIENT_INPUT_INVALID", `${label}, id: give the record's id as text or number.`, { details: { paths: ["id"] } });
  }
  return access.recordPath.replace("{id}", () => encodeURIComponent(text));
}

/** `path` with the resource's own query parameters, and with `field=value` if a field is given. */
export function readPath(access: ResourceAccess, path: string, field?: string, value?: string | number): string {
  const own = field === undefined ? "" : `${encodeURIComponent(field)}=${encodeURIComponent(value ?? "")}`;
  const query = own === "" || access.query === "" ? `${own}${access.query}` : `${own}&${access.query}`;
  return query === "" ? path : `${path}?${query}`;
}

/**
 * A resource in one place.
 *
 * @throws `CLIENT_INPUT_INVALID` for a part of the place that is missing or would address something else.
 */
export function accessIn(access: ResourceAccess, place: unknown): ResourceAccess {
  const fill = (path: string): string =>
    path.replaceAll(/\{(?!id\})(\w+)\}/g, (_placeholder, name: string) => {
      const value = valueAt(place, name);
      const text = typeof value === "number" ? String(value) : value;
      if (typeof text !== "string" || text === "" || text === "." || text === "..") {
        throw httpError("CLIENT_INPUT_INVALID", `${access.label}, ${name}: say where the record lives.`, { details: { paths: [name] } });
      }
      return encodeURIComponent(text);
    });
  const bulkPaths = Object.fromEntries(Object.entries(access.bulkPaths).map(([kind, path]) => [kind, fill(path)]));
  return { ...access, path: fill(access.path), recordPath: fill(access.recordPath), bulkPaths };
}
