import { failureClasses, type BelayError, type FailureClass } from "@belay/sdk";
import { httpErrors } from "@belay/sdk/http";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { credentialErrors } from "../credentials/index.ts";
import { proxyErrors } from "./errors.ts";

interface Declared {
  readonly class: FailureClass;
  readonly meaning: string;
  readonly status?: number;
}

const known: Readonly<Record<string, Declared>> = { ...httpErrors, ...credentialErrors, ...proxyErrors };

/** What a call that came to nothing is answered with, where its own table does not say. */
const statuses: Readonly<Record<string, number>> = {
  HTTP_TIMEOUT: 504,
  HTTP_DEADLINE_EXCEEDED: 504,
  HTTP_CIRCUIT_OPEN: 503,
  HTTP_BUDGET_EXHAUSTED: 429,
  HTTP_ABORTED: 408,
  HTTP_REQUEST_TOO_LARGE: 413,
};

/**
 * Answers in Belay's own name, with a problem document that `x-belay-source: belay` tells from what the provider says. When the answer has begun, its connection is cut
 * instead: an end would make it look complete.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function refuseCall(response: ServerResponse, error: BelayError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, message, retry, details } = error;
  // Nothing was sent, and it is known when to ask again.
  const fallback = details["waits"] === true ? 503 : 502;
  const {
    class: name,
    meaning,
    status = statuses[code] ?? fallback,
  }: Declared = known[code] ?? { class: "installation", meaning: message };
  const { owner } = failureClasses[name];
  const body = JSON.stringify({ type: `urn:belay:error:${code}`, title: meaning, status, detail: message, code, class: name, owner });
  const headers: OutgoingHttpHeaders = {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "x-belay-source": "belay",
    "x-belay-code": code,
  };
  // What is left of the request is not read.
  if (!response.req.complete) headers["connection"] = "close";
  if (typeof retry === "object") headers["retry-after"] = String(Math.max(1, Math.ceil(retry.afterMs / 1_000)));
  response.writeHead(status, headers);
  response.end(body);
}
