import type { Attempt } from "@belay/sdk/http";

/** What the attempts of one flow at one endpoint of one connection came to since the last time they were told. */
export interface CallCounts {
  readonly tenant: string;
  readonly connection: string;
  readonly flow: string;
  /** The label of the call, such as `zendesk.ticket.create`. */
  readonly endpoint: string;
  /** Attempts whose answer was what was hoped for. */
  readonly ok: number;
  /** Attempts by status, or by the code of the error where no answer came. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Attempts by their duration, whole milliseconds. */
  readonly durations: ReadonlyMap<number, number>;
}

/** What the thread has to tell of calls, whole: it crosses to the main thread as it is. */
export interface CallReport {
  readonly calls: readonly CallCounts[];
  /** `tenant/connection` of each breaker that has opened, once for each time. */
  readonly opened: readonly string[];
}

interface Tally extends CallCounts {
  ok: number;
  readonly outcomes: Map<string, number>;
  readonly durations: Map<number, number>;
}

/** Counts attempts in the thread that makes them. To send each by itself to the main thread would cost more than the counting. */
export class CallTally {
  #tallies = new Map<string, Tally>();
  #opened: string[] = [];

  saw(tenant: string, flow: string, { connection: owned, label, status, error, ok, durationMs }: Attempt): void {
    const key = `${owned}\n${flow}\n${label}`;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      const connection = owned.slice(tenant.length + 1);
      tally = { tenant, connection, flow, endpoint: label, ok: 0, outcomes: new Map(), durations: new Map() };
      this.#tallies.set(key, tally);
    }
    if (ok) tally.ok += 1;
    const outcome = status === undefined ? (error ?? "UNKNOWN") : String(status);
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    const duration = Math.max(0, Math.round(durationMs));
    tally.durations.set(duration, (tally.durations.get(duration) ?? 0) + 1);
  }

  breakerOpened(connection: string): void {
    this.#opened.push(connection);
  }

  /** What was counted since the last time; `undefined` when nothing was. */
  take(): CallReport | undefined {
    if (this.#tallies.size === 0 && this.#opened.length === 0) return undefined;
    const report = { calls: [...this.#tallies.values()], opened: this.#opened };
    this.#tallies = new Map();
    this.#opened = [];
    return report;
  }
}
