import type { ApiAttempt } from "@belay/sdk/client";

type Exchange = ApiAttempt["exchanges"][number];

/** Every request of every attempt and its answer, as they were on the wire: `>` went out, `<` came back. */
export function describeExchanges(attempts: readonly ApiAttempt[]): string {
  const sections = attempts.flatMap((attempt) =>
    attempt.exchanges.map(
      (exchange) => `attempt ${attempt.attempt}${exchange.step === "" ? "" : `, step ${exchange.step}`}\n${describeExchange(exchange)}`,
    ),
  );
  return sections.length === 0
    ? "No exchanges are kept of it: those of failed attempts are, for 14 days, and of a share of the others."
    : sections.join("\n\n");
}

function describeExchange({ method, path, status, error, durationMs, request, response }: Exchange): string {
  return [
    `  > ${method} ${path}`,
    ...describeHeaders(">", request?.headers),
    ...describeBody(">", request?.body),
    `  < ${status ?? `no answer: ${error ?? "unknown"}`} after ${durationMs} ms`,
    ...describeHeaders("<", response?.headers),
    ...describeBody("<", response?.body),
  ].join("\n");
}

function describeHeaders(mark: string, headers: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(headers).map(([name, value]) => `  ${mark} ${name}: ${value}`);
}

function describeBody(mark: string, body: string | null | undefined): string[] {
  if (body === null || body === undefined || body === "") return [];
  return pretty(body)
    .split("\n")
    .map((line) => `  ${mark}   ${line}`);
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body; // cut off, or no JSON: as it is
  }
}
