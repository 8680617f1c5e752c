import type { Readable } from "node:stream";
import type { WriteSafety } from "../connector/types.ts";
import type { Permit } from "./budget.ts";
import type { Operation } from "./operation-context.ts";
import type { TimeLimit } from "./time-limit.ts";

/** `PROPFIND` and `REPORT` read, with a body that says what. @see RFC 9110, section 9; RFC 4918, section 9.1; RFC 3253, section 3.6 */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "PROPFIND" | "REPORT";

/** What makes a request a write. Absent on requests that only read. */
export interface Write {
  /** The idempotency key of the operation; the same for all its attempts. */
  readonly key: string;
  readonly safety: WriteSafety;
}

/**
 * How a call travels whose bodies are not held in memory: through the same layers, as another way to send. Whatever the provider answers is then the caller's: what would
 * be the error of an answer elsewhere is the answer itself here.
 */
export interface Streaming {
  /** What is sent in the place of `body`. It can be read once, so a call with one is never repeated. */
  readonly source?: Readable;
  /** Most bytes that are read of `source`. */
  readonly maxSourceBytes: number;
  /** Where the answer goes. */
  readonly sink: AnswerSink;
  /** Bytes that have moved in either direction, counted by the send layer: an attempt's time is up when none have for that long. */
  moved: number;
  /** Set by the send layer once the sink has begun to take an answer: there is no other attempt then. */
  begun: boolean;
}

/** Takes an answer while it arrives. */
export interface AnswerSink {
  /** Sees the head of an answer. True: the body is given to `write`, and there is no other attempt. False: it is read to its end as elsewhere, and may be repeated. */
  begin(status: number, headers: OutboundResponse["headers"]): boolean;
  /** False: it can take no more until it calls what `onDrain` was given. */
  write(chunk: Buffer): boolean;
  onDrain(resume: () => void): void;
  /** The body is complete. */
  end(): void;
}

/** A request below a connection's origin, on its way through the layers. */
export interface OutboundRequest {
  /** Names the call in messages and exchanges: `zendesk.ticket.create`. Holds no data of the tenant. */
  readonly label: string;
  readonly method: Method;
  /** Path and query, encoded, starting with a slash. */
  readonly path: string;
  /** Where it goes instead of the connection's own origin: a redirect led there. */
  readonly origin?: string;
  /**
   * Belongs to this request alone: the layers above retry set headers in place, once for all attempts. Layers below copy it,
   * so that a credential never reaches what the upper layers hold.
   */
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
  readonly stream?: Streaming;
  readonly write: Write | undefined;
  /** A 404 is an answer here ("there is none"), not an error. */
  readonly absentOn404: boolean;
  /** The step on whose behalf the call is made. */
  readonly operation: Operation | undefined;
  /** Of the operation: when it is cancelled, so is what is under way. */
  readonly signal: AbortSignal | undefined;
  /** Of the attempt. */
  readonly timeLimit?: TimeLimit;
  /** The right to send it, where it can run out. */
  readonly permit?: Permit;
  /** Epoch milliseconds; `Infinity` until the deadline layer has set it. */
  readonly deadlineAt: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole body, read to its end, as UTF-8. */
  readonly body: string;
  /** The same as it came, for other encodings. */
  readonly bytes?: Uint8Array;
  /** The body went to the sink, so many bytes; `body` is empty. */
  readonly streamedBytes?: number;
}

export type Send = (request: OutboundRequest) => Promise<OutboundResponse>;

/** One concern of the pipeline: gets what comes after it and answers with itself in front. */
export type Layer = (next: Send) => Send;

/** Puts `layers`, outermost first, in front of `send`. */
export function compose(layers: readonly Layer[], send: Send): Send {
  return layers.reduceRight((next, layer) => layer(next), send);
}

/** A response header's single value; the first where it is repeated. */
export function headerOf(response: OutboundResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
