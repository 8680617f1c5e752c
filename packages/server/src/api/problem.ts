import type { FastifyReply } from "fastify";
import { type ApiCode, apiErrors } from "./errors.ts";

/** Answers with a problem document. @see https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(reply: FastifyReply, code: ApiCode, detail: string): FastifyReply {
  const { status, meaning } = apiErrors[code];
  if (status === 503) reply.header("retry-after", "1");
  return reply.code(status).type("application/problem+json").send({ type: `urn:belay:error:${code}`, title: meaning, status, detail, code });
}
