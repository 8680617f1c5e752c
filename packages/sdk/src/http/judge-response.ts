import type { ErrorRow } from "../connector/types.ts";
import { BelayError } from "../errors/belay-error.ts";
import { httpError } from "./errors.ts";
import { headerOf } from "./outbound.ts";
import type { OutboundRequest, OutboundResponse } from "./outbound.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** A row that reads a 2xx as a failure. */
function findDisguised({ status, body }: OutboundResponse, rows: readonly ErrorRow[]): ErrorRow | undefined {
  return rows.find((row) => row.status === status && row.contains !== undefined && body.includes(row.contains));
}

/**
 * What an answer means: undefined when it is a success (or the 404 that the request counts as an answer), else the error.
 * The connector's rows come first, then Belay's own table. Bodies are looked into but never quoted.
 */
export function judgeResponse(
  request: Pick<OutboundRequest, "label" | "absentOn404">,
  response: OutboundResponse,
  rows: readonly ErrorRow[],
  now: number,
): BelayError | undefined {
  const { status } = response;
  const isSuccess = status >= 200 && status < 300;
  if (status === 404 && request.absentOn404) return undefined;
  const row = isSuccess
    ? findDisguised(response, rows)
    : rows.find(
        (candidate) => candidate.status === status && (candidate.contains === undefined || response.body.includes(candidate.contains)),
      );
  if (isSuccess && row === undefined) return undefined;
  // Some providers say by 403, or by 200 and an error in the body, that a token has expired.
  const details = { status, ...((status === 401 || row?.class === "credential-refused") && { credentialRefused: true }) };
  const text = `${request.label}: the provider answered ${status}.`;
  // A 403 counts where a row knows it as a limit; elsewhere it is a missing permission.
  const mayName =
    status === 429 || status === 503 || row?.throttled === true || (status === 403 && row?.answers?.includes("limited") === true);
  const afterMs = mayName ? parseRetryAfter(headerOf(response, "retry-after"), now) : undefined;
  if (row !== undefined) {
    // A row may know that trying again is useless; when to try again, this answer knows better.
    const retry = afterMs === undefined || row.retry === "never" ? row.retry : { afterMs };
    return new BelayError(row.code, `${text} ${row.meaning}`, { retry, details });
  }
  if (status < 400) return httpError("HTTP_REDIRECTED", text, { details });
  if (status === 401) return httpError("HTTP_UNAUTHORIZED", text, { details });
  if (status === 403) return httpError("HTTP_FORBIDDEN", text, { details });
  const options = { details, ...(afterMs === undefined ? {} : { retry: { afterMs } }) };
  if (status === 429) return httpError("HTTP_RATE_LIMITED", text, options);
  if (status === 408 || status === 425 || status >= 500) return httpError("HTTP_UNAVAILABLE", text, options);
  return httpError("HTTP_REFUSED", text, { details });
}
