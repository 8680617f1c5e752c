import type { Db } from "../db/index.ts";
import type { EndedRun } from "../flow/index.ts";
import type { Clock, Counters, Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { insertAttempts } from "./store.ts";
import { WriteBehind } from "./write-behind.ts";
import { type PersonalFields, writeDown } from "./write-down.ts";

/** How long attempts and their exchanges are kept. */
export interface ExchangeRetention {
  /** Whole days. */
  readonly exchangesDays: number;
}

export const defaultExchangeRetention: ExchangeRetention = { exchangesDays: 14 };

export interface AttemptLogParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly personalFields: PersonalFields;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Most that waits in memory to be written, bytes as estimated. Default 16 MB. */
  readonly maxBytes?: number;
}

/** Writes down the attempts that are told of, behind the runs and never in their way; see `WriteBehind`. */
export class AttemptLog {
  readonly #behind: WriteBehind<EndedRun>;

  constructor({ db, cipher, personalFields, ...parts }: AttemptLogParts) {
    const write = async (runs: readonly EndedRun[]): Promise<void> =>
      await insertAttempts(db, await writeDown(runs, cipher, personalFields));
    this.#behind = new WriteBehind({ ...parts, write, what: "Attempts" });
  }

  /** Takes note of a run. Costs a push: everything else happens later. Runs that are not told of are left out. */
  add(run: EndedRun): void {
    const failed = run.verdict.kind === "retry" || run.verdict.kind === "dead";
    if (run.report === undefined && !failed) return;
    this.#behind.add(run, sizeOf(run), !failed && run.report?.exchanges.every(({ ok }) => ok) === true);
  }

  /** Writes what waits and ends. Calling it twice is safe. */
  async close(): Promise<void> {
    await this.#behind.close();
  }
}

/** Roughly what it takes in memory. The message's payload is counted because it is held on to. */
function sizeOf({ message, report }: EndedRun): number {
  let size = 1_000 + message.payload.length;
  for (const { request, response } of report?.exchanges ?? []) size += 1_000 + (request.body?.length ?? 0) + (response?.body.length ?? 0);
  for (const result of Object.values(message.steps)) size += result.length;
  return size;
}
