import type { Demand, ParsedLimit } from "@belay/sdk/http";
import { answerAsk } from "../answer-ask.ts";
import { PermitHolder } from "../permit-holder.ts";
import { type Answer, type Ask, type BudgetState, emptyBudget } from "../types.ts";
import type { StrictProvider } from "./strict-provider.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The row of each budget, as the database keeps it. */
export class Rows {
  readonly #time: VirtualTime;
  readonly #states = new Map<string, BudgetState>();
  asks = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  answer(ask: Ask): Answer {
    this.asks += 1;
    const { state, answer } = answerAsk(this.#states.get(ask.key) ?? emptyBudget, ask, this.#time.now());
    this.#states.set(ask.key, state);
    return answer;
  }

  stateOf(key: string): BudgetState {
    return this.#states.get(key) ?? emptyBudget;
  }
}

export interface WorkerParts {
  readonly time: VirtualTime;
  readonly rows: Rows;
  readonly provider: StrictProvider;
  readonly random: () => number;
  readonly name: string;
  readonly limits: readonly ParsedLimit[];
  readonly cost: number;
  /** How many messages it works on at once. */
  readonly loops: number;
  readonly lane?: Demand["lane"];
  /** Longest way of a message to the database or the provider, one direction, ms. */
  readonly wayMs: number;
  /** The share of questions whose answer is lost after it was given. */
  readonly lossShare: number;
}

/** A worker with endless work: as soon as a call is over, the next one wants to be made. What it is told to wait for, its mailbox waits for. */
export class LimitedWorker {
  readonly holder: PermitHolder;
  readonly waited: number[] = [];
  sent = 0;
  readonly #parts: WorkerParts;
  #frozenUntil = 0;
  #dead = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { time, name, rows } = parts;
    this.holder = new PermitHolder({
      holder: name,
      now: () => time.now(),
      elapsed: () => time.now(),
      timer: (ms, act) => this.#later(ms, act),
      lease: (asks) =>
        new Promise((resolve, reject) => {
          time.plan(time.now() + this.#way(), () => {
            const answers = asks.map((ask) => rows.answer(ask));
            const isLost = parts.random() < parts.lossShare;
            this.#later(this.#way(), () => (isLost ? reject(new Error("The answer was lost.")) : resolve(answers)));
          });
        }),
    });
  }

  start(): void {
    for (let loop = 0; loop < this.#parts.loops; loop += 1) this.#later(this.#parts.random() * 20, () => void this.#work());
  }

  /** What it has sent arrives all the same. */
  kill(): void {
    this.#dead = true;
  }

  /** Everything that it would do until then it does then. */
  freeze(until: number): void {
    this.#frozenUntil = until;
  }

  async #work(): Promise<void> {
    const { time, limits, cost, name, provider, lane = "event" } = this.#parts;
    const budget = { key: "app:desk", tenant: "", limits };
    const demand: Demand = {
      own: { key: `connection:${name}`, tenant: "t", limits: [] },
      uses: [{ budget, costs: limits.map(() => cost) }],
      lane,
      giveUpAt: time.now() + 1_000,
    };
    const grant = await this.holder.take(demand, time.now());
    if (!grant.granted) {
      this.waited.push(grant.afterMs);
      // The mailbox is claimed again some milliseconds after its time.
      this.#later(grant.afterMs + this.#parts.random() * 10, () => void this.#work());
      return;
    }
    this.#later(this.#parts.random() * 30, () => {
      if (grant.permit.holds?.() === false) {
        grant.permit.end(false);
        void this.#work();
        return;
      }
      this.sent += 1;
      time.plan(time.now() + this.#way(), () => {
        provider.receive(time.now(), cost);
        this.#later(this.#parts.random() * 50 + this.#way(), () => {
          grant.permit.end(true);
          void this.#work();
        });
      });
    });
  }

  #way(): number {
    return this.#parts.random() * this.#parts.wayMs;
  }

  #later(ms: number, act: () => void): () => void {
    const { time } = this.#parts;
    const whenAwake = (): void => {
      if (this.#dead) return;
      if (time.now() < this.#frozenUntil) time.plan(this.#frozenUntil, whenAwake);
      else act();
    };
    return time.plan(time.now() + ms, whenAwake);
  }
}
