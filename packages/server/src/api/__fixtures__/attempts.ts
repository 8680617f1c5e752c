import type { Database } from "../../db/index.ts";
import { AttemptLog } from "../../exchanges/index.ts";
import type { EndedRun } from "../../flow/index.ts";
import { newMessage } from "../../../../../test/setup/new-message.ts";
import { Counters, systemClock } from "../../telemetry/index.ts";
import { vaultOf } from "../../../../../test/setup/vault.ts";
import { sale } from "./api.ts";

export interface FailureFacts {
  readonly id: number;
  readonly attempts: number;
  readonly verdict: Extract<EndedRun["verdict"], { readonly code: string }>;
  /** Of the answers to its calls. */
  readonly statuses: readonly number[];
  readonly startedAtMs: number;
}

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

/** Writes failed attempts at a sale down, as a worker does: each took 120 ms and failed in its step "create". */
export async function keepFailures({ db }: Database, failures: readonly FailureFacts[]): Promise<void> {
  const personalFields = { ofCall: () => [], ofResults: () => [] };
  const log = new AttemptLog({ db, cipher: vaultOf(db), personalFields, clock: systemClock, counters: new Counters(), logger: silent });
  for (const failure of failures) log.add(toRun(failure));
  await log.close();
}

function toRun({ id, attempts, verdict, statuses, startedAtMs }: FailureFacts): EndedRun {
  const { payload, target, lane, ...message } = sale();
  const spanId = "00f067aa0ba902b7";
  const times = { startedAt: startedAtMs, endedAt: startedAtMs + 120 };
  return {
    message: newMessage({
      ...message,
      id,
      attempts,
      mailbox: `${target}/${lane}`,
      payload: Buffer.from(payload).toString(),
      receivedAtMs: startedAtMs,
    }),
    target,
    verdict,
    startedAtMs,
    endedAtMs: startedAtMs + 120,
    report: {
      spanId,
      ...times,
      steps: [{ name: "create", spanId, startedAt: startedAtMs, endedAt: startedAtMs + 110, code: verdict.code }],
      exchanges: statuses.map((status, index) => ({
        connection: "acme/acme-ledger",
        label: "ledger.entry.create",
        request: { method: "POST", path: "/tickets", headers: { "content-type": "application/json" }, body: "{}" },
        response: { status, headers: { "x-request-id": `r-${index}` }, body: "{}" },
        startedAt: startedAtMs + index * 50,
        durationMs: 40,
        step: "create",
        spanId,
        ok: false,
      })),
    },
  };
}
