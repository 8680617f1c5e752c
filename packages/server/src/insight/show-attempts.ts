import type { KeptAttempt, KeptExchange } from "../exchanges/index.ts";

/** One attempt as a person or a program is shown it. */
export interface ShownAttempt extends Pick<
  KeptAttempt,
  "attempt" | "startedAt" | "endedAt" | "verdict" | "code" | "error" | "nextAt" | "sealed"
> {
  readonly durationMs: number;
  readonly steps: readonly {
    readonly name: string;
    readonly startedAt: string;
    readonly durationMs: number;
    readonly code: string | null;
  }[];
  readonly exchanges: readonly ShownExchange[];
  readonly omitted: { readonly after: number; readonly count: number } | null;
}

export interface ShownExchange {
  /** Empty for a call outside any step. */
  readonly step: string;
  /** `desk.ticket.create` */
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  /** The code of the error, where no answer came. */
  readonly error: string | null;
  readonly ok: boolean;
  readonly startedAt: string;
  readonly durationMs: number;
  /** What the provider calls the request: its support asks for it. */
  readonly requestId: string | null;
  /** Only when asked for. */
  readonly request?: { readonly headers: Readonly<Record<string, string>>; readonly body: string | null };
  readonly response?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** Attempts as they are shown; with headers and bodies only when asked for, because they are long. */
export function showAttempts(attempts: readonly KeptAttempt[], withBodies: boolean): ShownAttempt[] {
  return attempts.map((kept) => {
    const { attempt, startedAt, endedAt, verdict, code, error, nextAt, sealed, omitted = null } = kept;
    return {
      attempt,
      startedAt,
      endedAt,
      verdict,
      code,
      error,
      nextAt,
      sealed,
      omitted,
      durationMs: Date.parse(endedAt) - Date.parse(startedAt),
      steps: kept.steps.map((step) => ({
        name: step.name,
        startedAt: toIso(step.startedAt),
        durationMs: step.endedAt - step.startedAt,
        code: step.code ?? null,
      })),
      exchanges: kept.exchanges.map((exchange) => showExchange(exchange, withBodies)),
    };
  });
}

/** One exchange as it is shown; with headers and bodies only when asked for. */
export function showExchange(exchange: KeptExchange, withBodies: boolean): ShownExchange {
  const { step, label, request, response, error = null, ok, startedAt, durationMs } = exchange;
  return {
    step,
    label,
    error,
    ok,
    durationMs,
    method: request.method,
    path: request.path,
    status: response?.status ?? null,
    startedAt: toIso(startedAt),
    requestId: requestIdOf(response?.headers ?? {}),
    ...(withBodies && { request: { headers: request.headers, body: request.body ?? null } }),
    ...(withBodies && response && { response: { headers: response.headers, body: response.body } }),
  };
}

/** Providers agree on no name: `x-request-id`, `request-id`, `x-github-request-id`, `x-hubspot-correlation-id`, `cf-ray`. The first that is there. */
function requestIdOf(headers: Readonly<Record<string, string>>): string | null {
  const found = Object.entries(headers).find(([name]) => /(^|-)(request-?id|requestid|correlation-id|trace-id)$|^cf-ray$/.test(name));
  return found?.[1] ?? null;
}

function toIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
