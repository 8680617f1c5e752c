import { type FailureClass, failureClasses } from "@belay/sdk";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { accessErrors } from "../access/index.ts";
import { auditErrors } from "../audit/index.ts";
import { batchErrors } from "../batches/index.ts";
import { connectErrors } from "../connect/index.ts";
import { connectionErrors } from "../connections/index.ts";
import { feedErrors } from "../feed/index.ts";
import { ingressErrors } from "../ingress/index.ts";
import { measuresErrors } from "../measures/index.ts";
import { proxyErrors } from "../proxy/index.ts";
import { reconcileRequestErrors } from "../reconcile/index.ts";
import { identityErrors } from "../identity/index.ts";
import { syncRequestErrors } from "../syncs/index.ts";
import { twoWayRequestErrors } from "../two-way/index.ts";
import { trafficErrors } from "../traffic/index.ts";
import { unifiedErrors } from "../unified/index.ts";
import { viewErrors } from "../views/index.ts";
import { type ApiCode, apiErrors } from "./errors.ts";

interface Declared {
  readonly status: number;
  readonly class: FailureClass;
  readonly meaning: string;
}

/** Every code that a request is refused with. */
export const refusals = {
  ...ingressErrors,
  ...measuresErrors,
  ...connectionErrors,
  ...auditErrors,
  ...connectErrors,
  ...accessErrors,
  ...proxyErrors,
  ...trafficErrors,
  ...feedErrors,
  ...identityErrors,
  ...syncRequestErrors,
  ...twoWayRequestErrors,
  ...reconcileRequestErrors,
  ...batchErrors,
  ...unifiedErrors,
  ...viewErrors,
  ...apiErrors,
} as const satisfies Readonly<Record<string, Declared>>;

const known: Readonly<Record<string, Declared>> = refusals;

/** Answers with a problem document. @see https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(reply: FastifyReply, code: ApiCode, detail: string): FastifyReply {
  return send(reply, code, apiErrors[code], detail);
}

/** The same for an error whose code is one of the API's or of ingress. @returns `undefined` for all others. */
export function sendKnownProblem(reply: FastifyReply, code: string, detail: string): FastifyReply | undefined {
  const declared = Object.hasOwn(known, code) ? known[code] : undefined;
  return declared && send(reply, code, declared, detail);
}

function send(reply: FastifyReply, code: string, { status, class: name, meaning }: Declared, detail: string): FastifyReply {
  if (status === 503 || status === 429 || status === 409) reply.header("retry-after", code.endsWith("_BACKLOG_FULL") ? "30" : "1");
  return reply
    .code(status)
    .type("application/problem+json")
    .send({ type: `urn:belay:error:${code}`, title: meaning, status, detail, code, class: name, owner: failureClasses[name].owner });
}

/** Answers on a socket whose request never became one; then the connection ends. */
export function writeProblem(socket: Socket, errorCode: string | undefined): void {
  if (!socket.writable || errorCode === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = errorCode === "HPE_HEADER_OVERFLOW" ? 431 : errorCode === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const code: ApiCode = "API_REQUEST_INVALID";
  const body = JSON.stringify({
    type: `urn:belay:error:${code}`,
    title: apiErrors[code].meaning,
    status,
    detail: "The request is not valid HTTP, too slow, or has too many headers.",
    code,
    class: apiErrors[code].class,
    owner: failureClasses[apiErrors[code].class].owner,
  });
  socket.end(
    `HTTP/1.1 ${status} \r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
