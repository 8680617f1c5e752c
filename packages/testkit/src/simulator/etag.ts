import { createHash } from "node:crypto";
import type { AccountRequest } from "./read-request.ts";
import { headerOf } from "./wire.ts";
import type { WireOutcome } from "./wire.ts";

/**
 * Marks what was read, and answers 304 to who has it already.
 *
 * @see RFC 9110, sections 8.8.3 and 13.1.2
 */
export function answerConditionally(request: AccountRequest, outcome: WireOutcome): WireOutcome {
  if (request.method !== "GET" || outcome.kind === "drop" || outcome.answer.status !== 200) return outcome;
  const { answer } = outcome;
  // A page is another where its links are.
  const digest = createHash("sha256")
    .update(answer.body)
    .update(answer.headers["link"] ?? "");
  const etag = `W/"${digest.digest("hex")}"`;
  const known = (headerOf(request.headers, "if-none-match") ?? "").split(",").map((tag) => tag.trim());
  const same = known.includes("*") || known.some((tag) => tag.replace(/^W\//, "") === etag.slice(2));
  const headers = { ...answer.headers, etag };
  if (!same) return { kind: "answer", answer: { ...answer, headers } };
  const { "content-type": _type, ...kept } = headers as Record<string, string>;
  return { kind: "answer", answer: { status: 304, headers: kept, body: "" } };
}
