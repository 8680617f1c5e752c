import { type Attempt, type Exchange, newSpanId } from "@belay/sdk/http";
import { formatTrace, parseTrace, type TraceContext } from "../telemetry/index.ts";

/** What happened in one run, for the trace and the log of exchanges. Made of runs that are sampled, failed, or had an exchange that failed. */
export interface RunReport {
  /** The span of the run, 16 hexadecimal digits. */
  readonly spanId: string;
  /** Epoch milliseconds, as all times here. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly steps: readonly StepReport[];
  readonly exchanges: readonly ExchangeReport[];
  /** Exchanges that were left out because there were too many: so many, after so many of those above. */
  readonly omitted?: { readonly after: number; readonly count: number };
}

export interface StepReport {
  readonly name: string;
  readonly spanId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** What it failed with. */
  readonly code?: string;
}

export interface ExchangeReport extends Exchange {
  /** The step that it belongs to; empty for a call outside any step. */
  readonly step: string;
  readonly spanId: string;
  readonly ok: boolean;
}

interface Seen {
  readonly step: string;
  readonly attempt: Attempt;
}

const mostKept = 40;

/** Follows one run. Costs next to nothing as long as nobody asks for the report. */
export class RunWatch {
  readonly #trace: TraceContext | undefined;
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #spanId: string;
  readonly #startedAt: number;
  readonly #steps: StepReport[] = [];
  readonly #first: Seen[] = [];
  readonly #last: Seen[] = [];
  #omitted = 0;
  #troubled = false;

  /** `trace`: the message's, a W3C traceparent. */
  constructor(trace: string | null, now: () => number, random: () => number) {
    this.#trace = parseTrace(trace);
    this.#now = now;
    this.#random = random;
    this.#spanId = newSpanId(random);
    this.#startedAt = now();
  }

  sawAttempt(step: string, attempt: Attempt): void {
    if (!attempt.ok) this.#troubled = true;
    if (this.#first.length < mostKept / 2) {
      this.#first.push({ step, attempt });
      return;
    }
    this.#last.push({ step, attempt });
    if (this.#last.length <= mostKept / 2) return;
    this.#last.shift();
    this.#omitted += 1;
  }

  /** Follows a step, or with an empty name the run itself. Its calls go out with `traceparent`. */
  begin(name: string): { readonly traceparent: string | undefined; end(code?: string): void } {
    const spanId = name === "" ? this.#spanId : newSpanId(this.#random);
    const startedAt = this.#now();
    return {
      traceparent: this.#trace && formatTrace({ ...this.#trace, spanId }),
      end: (code) => {
        if (name !== "") this.#steps.push({ name, spanId, startedAt, endedAt: this.#now(), ...(code !== undefined && { code }) });
      },
    };
  }

  /** What happened, if it is to be told: always of a run that failed. */
  report(failed: boolean): { readonly report?: RunReport } {
    if (!failed && this.#trace?.sampled !== true && !this.#troubled) return {};
    const exchanges = [...this.#first, ...this.#last].map(({ step, attempt }): ExchangeReport => {
      return { ...attempt.toExchange(), step, spanId: attempt.spanId ?? newSpanId(this.#random), ok: attempt.ok };
    });
    const { length: kept } = this.#first;
    return {
      report: {
        spanId: this.#spanId,
        startedAt: this.#startedAt,
        endedAt: this.#now(),
        steps: this.#steps,
        exchanges,
        ...(this.#omitted > 0 && { omitted: { after: kept, count: this.#omitted } }),
      },
    };
  }
}
