import type { ShownAttempt, ShownExchange } from "./show-attempts.ts";
import type { Chapter } from "./tell-story.ts";

/** Of so many newest attempts every step and call is told, of those before only how they ended. */
const toldInFull = 2;
const longestPath = 90;

/** Tells the attempts that are kept of a message. */
export function tellAttempts(attempts: readonly ShownAttempt[]): Chapter[] {
  return attempts.flatMap((attempt, index) => [
    ...(attempts.length - index <= toldInFull ? tellWork(attempt) : []),
    {
      what: attempt.verdict === "delivered" ? ("attempted" as const) : ("failed" as const),
      at: attempt.endedAt,
      text: tellOutcome(attempt),
    },
  ]);
}

function tellWork({ attempt, startedAt, steps, exchanges, omitted }: ShownAttempt): Chapter[] {
  const calls = exchanges.map((exchange): Chapter => ({ what: "called", at: exchange.startedAt, text: tellExchange(exchange) }));
  if (omitted !== null) {
    const at = exchanges[omitted.after]?.startedAt ?? null;
    calls.splice(omitted.after, 0, { what: "called", at, text: `${omitted.count} calls more, of which nothing is kept.` });
  }
  const chapters: Chapter[] = [
    { what: "attempted", at: startedAt, text: `Attempt ${attempt} began.` },
    ...calls,
    ...steps.map(({ name, startedAt: at, durationMs, code }): Chapter => ({
      what: "step",
      at: new Date(Date.parse(at) + durationMs).toISOString(),
      text: `Step "${name}" ${code === null ? "ended" : "failed"} after ${durationMs} ms${code === null ? "" : ` with ${code}`}.`,
    })),
  ];
  return chapters.toSorted((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
}

function tellExchange({ step, method, path, status, error, durationMs, requestId }: ShownExchange): string {
  const outcome = status === null ? `no answer (${error ?? "unknown"})` : String(status);
  const place = step === "" ? "" : ` in step "${step}"`;
  return `${method} ${shortened(path)}: ${outcome} after ${durationMs} ms${place}${requestId === null ? "" : `; the provider calls it ${requestId}`}.`;
}

/** A long query says less than it costs to read; the exchange has it. */
function shortened(path: string): string {
  const query = path.indexOf("?");
  return query === -1 || path.length <= longestPath ? path : `${path.slice(0, Math.max(query + 1, longestPath))}…`;
}

function tellOutcome({ attempt, verdict, code, error, nextAt, durationMs, steps, sealed }: ShownAttempt): string {
  if (verdict === "delivered") return `Attempt ${attempt} went well, after ${durationMs} ms.`;
  if (verdict === "wait") return `Attempt ${attempt} had to wait until ${nextAt ?? "later"}: ${code ?? ""}. It does not count.`;
  if (verdict === "suspended") return `Attempt ${attempt} was stopped from outside.`;
  const step = steps.findLast((one) => one.code !== null);
  const place = step === undefined ? "" : ` in step "${step.name}"`;
  const text = sealed ? "what it said cannot be read any more" : (error ?? "");
  const next = nextAt === null ? "It is not tried again." : `The next was due at ${nextAt}.`;
  return `Attempt ${attempt} failed after ${durationMs} ms${place}: ${code ?? ""}: ${text} ${next}`;
}
