import type { EndedRun } from "../../flow/index.ts";
import { newMessage } from "../../../../../test/setup/new-message.ts";

export interface RunFacts {
  readonly id?: number;
  readonly tenant?: string;
  readonly attempts?: number;
  readonly startedAtMs?: number;
  readonly verdict?: EndedRun["verdict"];
  /** Of the answers to its calls; `undefined`: no report. */
  readonly statuses?: readonly number[] | undefined;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Results of steps that earlier attempts had finished. */
  readonly known?: Readonly<Record<string, string>>;
}

const failed = { kind: "retry", afterMs: 1_000, code: "HTTP_UNAVAILABLE", error: "The provider answered 503." } as const;

/** A run of 120 ms that made one call for each status. */
export function newRun(facts: RunFacts = {}): EndedRun {
  const {
    id = 1,
    tenant = "acme",
    attempts = 0,
    startedAtMs = 1_800_000_000_000,
    verdict = failed,
    path = "/tickets",
    body = "{}",
  } = facts;
  const statuses = "statuses" in facts ? facts.statuses : [503];
  const code = "code" in verdict ? { code: verdict.code } : {};
  return {
    message: newMessage({
      tenant,
      mailbox: "acme-desk/event",
      id,
      orderKey: "k",
      flow: "tickets",
      connection: "acme-shop",
      eventKey: `e-${id}`,
      eventType: "sold",
      receivedAtMs: startedAtMs,
      attempts,
      steps: facts.known ?? {},
    }),
    target: "acme-desk",
    verdict,
    startedAtMs,
    endedAtMs: startedAtMs + 120,
    ...(statuses && {
      report: {
        spanId: "b7ad6b7169203331",
        startedAt: startedAtMs,
        endedAt: startedAtMs + 120,
        steps: [{ name: "create", spanId: "00f067aa0ba902b7", startedAt: startedAtMs, endedAt: startedAtMs + 110, ...code }],
        exchanges: statuses.map((status, index) => ({
          connection: "acme/acme-desk",
          label: "desk.ticket.create",
          request: { method: "POST", path, headers: { "content-type": "application/json" }, body },
          response: { status, headers: { "x-request-id": `r-${index}`, ...facts.headers }, body: "{}" },
          startedAt: startedAtMs + index * 50,
          durationMs: 40,
          step: "create",
          spanId: "00f067aa0ba902b7",
          ok: status < 300,
        })),
      },
    }),
  };
}
