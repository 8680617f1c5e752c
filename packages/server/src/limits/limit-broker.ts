import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { answerAsk } from "./answer-ask.ts";
import { type BlockedBudget, type BudgetRow, notifyBlocked, readBudgets, writeBudgets } from "./store.ts";
import type { Answer, Ask } from "./types.ts";

export interface LimitBrokerParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Told of budgets that a provider has closed to everybody. */
  readonly onBlocked: (blocked: readonly BlockedBudget[]) => void;
}

interface Pending {
  readonly ask: Ask;
  readonly resolve: (answer: Answer | undefined) => void;
}

/** One statement does not grow beyond this; what is left goes with the next. */
const mostAtOnce = 400;
/** So often somebody else may have been quicker. */
const mostTries = 12;
const longestPauseMs = 4;

/**
 * Leases permits for all threads of a process: what is asked while a statement is under way goes with the next one, so that the number of statements does not grow with connections. No
 * lock and no connection is held between statements, so that a process that stands still in the middle keeps nobody waiting.
 */
export class LimitBroker {
  readonly #parts: LimitBrokerParts;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: LimitBrokerParts) {
    this.#parts = parts;
  }

  /** Budgets that could not be changed have no answer: their holder asks again. Never rejects. */
  async lease(asks: readonly Ask[]): Promise<Answer[]> {
    if (this.#closed) return [];
    const answers = asks.map((ask) => new Promise<Answer | undefined>((resolve) => this.#pending.push({ ask, resolve })));
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return (await Promise.all(answers)).filter((answer) => answer !== undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // Threads tell in turns: those of this turn go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, mostAtOnce);
      try {
        await this.#answer(batch);
      } catch (error) {
        this.#parts.logger.warn({ error, budgets: batch.length }, "Permits could not be leased; calls under these limits wait.");
        for (const { resolve } of batch) resolve(undefined);
      }
    }
  }

  async #answer(batch: readonly Pending[]): Promise<void> {
    const { db, clock, random } = this.#parts;
    let left = Map.groupBy(batch, ({ ask }) => nameOf(ask));
    for (let attempt = 1; left.size > 0 && attempt <= mostTries; attempt += 1) {
      if (attempt > 1) await clock.sleep(random() * Math.min(longestPauseMs, attempt));
      const { rows, nowMs } = await readBudgets(
        db,
        [...left.values()].flatMap(([first]) => (first === undefined ? [] : [first.ask])),
      );
      const decided = rows.map((row) => decide(row, left.get(nameOf(row)) ?? [], nowMs));
      const written = new Set(
        (
          await writeBudgets(
            db,
            decided.map(({ row }) => row),
          )
        ).map(nameOf),
      );
      const done = decided.filter(({ row }) => written.has(nameOf(row)));
      for (const { answered } of done) for (const { pending, answer } of answered) pending.resolve(answer);
      this.#tellBlocked(done.flatMap(({ answered }) => answered));
      left = new Map([...left].filter(([name]) => !written.has(name)));
    }
    for (const pending of left.values()) for (const { resolve } of pending) resolve(undefined);
  }

  #tellBlocked(answered: readonly Answered[]): void {
    const blocked = answered.flatMap(({ pending, answer }): BlockedBudget[] =>
      pending.ask.blockForMs === undefined ? [] : [{ tenant: answer.tenant, key: answer.key, forMs: answer.blockedForMs }],
    );
    if (blocked.length === 0) return;
    this.#parts.onBlocked(blocked);
    // Whoever misses the notice learns of it with the next lease.
    notifyBlocked(this.#parts.db, blocked).catch((error: unknown) =>
      this.#parts.logger.warn(
        { error },
        "Other processes could not be told at once that a provider refuses; they learn of it with their next lease.",
      ),
    );
  }
}

interface Answered {
  readonly pending: Pending;
  readonly answer: Answer;
}

/** Answers those who ask for one budget, one after another. */
function decide(
  row: BudgetRow,
  asking: readonly Pending[],
  nowMs: number,
): { readonly row: BudgetRow; readonly answered: readonly Answered[] } {
  let { state } = row;
  const answered = asking.map((pending): Answered => {
    const result = answerAsk(state, pending.ask, nowMs);
    state = result.state;
    return { pending, answer: result.answer };
  });
  return { row: { ...row, state }, answered };
}

function nameOf({ tenant, key }: { readonly tenant: string; readonly key: string }): string {
  return `${tenant}\n${key}`;
}
