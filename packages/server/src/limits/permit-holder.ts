import type { Budget, Demand, Grant, Permit, SharedBudget, Standing } from "@belay/sdk/http";
import { lanes } from "./lanes.ts";
import { LocalBudget } from "./local-budget.ts";
import { type Draw, LocalLimit } from "./local-limit.ts";
import { type Place, WaitingCalls } from "./waiting-calls.ts";
import { ToldTimes } from "./told-times.ts";
import type { Answer, Ask } from "./types.ts";

export interface PermitHolderParts {
  /** Names this holder among all of all processes, for ever. */
  readonly holder: string;
  /** Epoch milliseconds, as those of the pipeline. */
  readonly now: () => number;
  /** See `steadyClock`. */
  readonly elapsed: () => number;
  /** Calls `act` after `ms`; what it returns calls it off. */
  readonly timer: (ms: number, act: () => void) => () => void;
  /** Asks for permits; what is asked in one turn goes together. Budgets that have no answer are asked for again. */
  readonly lease: (asks: readonly Ask[]) => Promise<readonly Answer[]>;
}

/** A block that was refused is not asked for again in every turn. */
const shortestPauseMs = 3;
/** Others give back what they do not use: it is worth looking before the time that was foreseen. */
const longestPauseMs = 100;
const afterFailureMs = 200;
const tickMs = 25;
const forgottenAfterMs = 60_000;
/** Nothing to give back, and nothing that could run out. */
const freeGrant: Grant = { granted: true, permit: { end: () => {} } };

/**
 * The budgets that all workers share, as one thread sees them: it spends blocks of permits without asking anybody, and asks for the next before they are used up. A connection without
 * limits costs nothing.
 */
export class PermitHolder implements Budget {
  readonly #parts: PermitHolderParts;
  readonly #budgets = new Map<string, LocalBudget>();
  readonly #waiting = new WaitingCalls();
  readonly #toAsk = new Set<LocalBudget>();
  readonly #alarms = new Map<LocalBudget, () => void>();
  readonly #told = new ToldTimes();
  readonly #lastUse = new Map<LocalBudget, number>();
  #asks = 0;
  #flushing = false;
  #ticking = false;
  #reviewing = false;
  #serving = false;
  #closed = false;

  constructor(parts: PermitHolderParts) {
    this.#parts = parts;
  }

  take(demand: Demand, now: number): Grant | Promise<Grant> {
    if (demand.uses.length === 0 && this.#budgets.size === 0) return freeGrant;
    const at = this.#parts.elapsed();
    const blockedMs = (this.#budgets.get(nameOf(demand.own))?.blockedUntil ?? 0) - at;
    if (blockedMs > 0) return { granted: false, afterMs: blockedMs };
    if (demand.uses.length === 0) return freeGrant;
    const uses = demand.uses.map((use): Place["uses"][number] => [this.#budgetOf(use.budget, at), use]);
    const lane = lanes.indexOf(demand.lane);
    if (!this.#waiting.isBehind(uses, lane) && uses.every(([budget, use]) => budget.fits(use, at)))
      return this.#grant(demand, uses, lane, at);
    return new Promise((resolve) => {
      this.#waiting.add({ demand, uses, lane, giveUpAt: at + (demand.giveUpAt - now), resolve });
      for (const [budget] of uses) {
        if (at >= budget.askAgainAt) this.#askSoon(budget);
        else {
          // Nobody may have waited when it was answered last.
          if (!budget.asking && !this.#alarms.has(budget)) this.#plan(budget, at);
          this.#reviewSoon();
        }
      }
      this.#tick();
    });
  }

  block(shared: SharedBudget, until: number): void {
    const at = this.#parts.elapsed();
    const budget = this.#budgetOf(shared, at);
    budget.block(at + (until - this.#parts.now()), at);
    this.#askSoon(budget);
    this.#refuseHopeless(at);
  }

  learn(shared: SharedBudget, limit: number, standing: Standing): void {
    const { now, elapsed } = this.#parts;
    const at = elapsed();
    const toElapsed = (epochMs: number): number => at + (epochMs - now());
    const { remaining, resetAt, askedAt } = standing;
    this.#budgetOf(shared, at).learn(limit, {
      remaining,
      askedAt: toElapsed(askedAt),
      ...(resetAt !== undefined && { resetAt: toElapsed(resetAt) }),
    });
    this.#tick();
  }

  /** Another worker learned that the provider lets nobody through for so long. */
  hearBlock(tenant: string, key: string, forMs: number): void {
    const at = this.#parts.elapsed();
    this.#budgetOf({ tenant, key, limits: [] }, at).hearBlock(at + forMs);
    this.#refuseHopeless(at);
  }

  /** Gives nothing out any more, and refuses those who wait; what is under way still ends. */
  close(): void {
    this.#closed = true;
    for (const place of this.#waiting.all()) this.#refuse(place, 100, this.#parts.elapsed());
    for (const stop of this.#alarms.values()) stop();
    this.#alarms.clear();
  }

  #grant(demand: Demand, uses: Place["uses"], lane: number, at: number): Grant {
    const who = `${demand.own.tenant}/${demand.flow ?? ""}`;
    let endsAt = Number.POSITIVE_INFINITY;
    const taken = uses.map(([budget, use]) => {
      const draws: readonly Draw[][] = budget.take(use, lane, who, at);
      for (const each of draws) endsAt = Math.min(endsAt, LocalLimit.endOf(each));
      if (budget.runsLow && at >= budget.askAgainAt) this.#askSoon(budget);
      return draws;
    });
    this.#tick();
    const permit: Permit = {
      holds: () => this.#parts.elapsed() < endsAt,
      end: (sent) => {
        const now = this.#parts.elapsed();
        for (const [index, [budget]] of uses.entries()) budget.end(taken[index] ?? [], sent, now);
        // Others may begin only where a place got free, or a permit was not used after all.
        if (this.#waiting.size > 0 && (!sent || uses.some(([{ hasPlaces }]) => hasPlaces))) this.#serveSoon();
      },
    };
    return { granted: true, permit };
  }

  #refuse(place: Place, afterMs: number, at: number): void {
    this.#waiting.remove(place);
    const { own, lane } = place.demand;
    const mailbox = `${nameOf(own)} ${lane}`;
    const { roomAt, comeAt } = this.#told.firstFor(mailbox, at, at + afterMs);
    // Those who come after it are told a later time, so that not all come again at once.
    for (const [budget, use] of place.uses) budget.promise(mailbox, roomAt, use);
    place.resolve({ granted: false, afterMs: Math.max(shortestPauseMs, comeAt - at) });
  }

  /** Gives permits to those who wait, as far as there are any, and sends away who would wait for too long. */
  #serve(at: number): void {
    for (const place of this.#waiting.all()) {
      const { demand, uses, lane } = place;
      if (!uses.every(([budget, use]) => budget.fits(use, at))) continue;
      this.#waiting.remove(place);
      place.resolve(this.#grant(demand, uses, lane, at));
    }
    this.#refuseHopeless(at);
  }

  /** Once for all that happens in a turn: thousands may wait. */
  #reviewSoon(): void {
    if (this.#reviewing) return;
    this.#reviewing = true;
    this.#parts.timer(0, () => {
      this.#reviewing = false;
      this.#refuseHopeless(this.#parts.elapsed());
    });
  }

  #serveSoon(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#parts.timer(0, () => {
      this.#serving = false;
      this.#serve(this.#parts.elapsed());
    });
  }

  #refuseHopeless(at: number): void {
    const ahead = new Map<LocalBudget, number[]>();
    for (const place of this.#waiting.all()) {
      let afterMs = 0;
      let isKnown = true;
      for (const [budget, use] of place.uses) {
        const units = ahead.get(budget) ?? use.costs.map(() => 0);
        for (const [index, cost] of use.costs.entries()) units[index] = (units[index] ?? 0) + cost;
        ahead.set(budget, units);
        // What was foreseen before is of no use to who asks for the first time; what blocks everybody always is.
        if (at < budget.askAgainAt || at < budget.blockedUntil) afterMs = Math.max(afterMs, budget.foresee(units, at));
        else isKnown = false;
      }
      if (at + afterMs > place.giveUpAt || (at >= place.giveUpAt && isKnown)) this.#refuse(place, Math.max(shortestPauseMs, afterMs), at);
    }
  }

  #askSoon(budget: LocalBudget): void {
    if (this.#closed || budget.asking) return;
    this.#toAsk.add(budget);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#parts.timer(0, () => {
      this.#flushing = false;
      const budgets = [...this.#toAsk];
      this.#toAsk.clear();
      if (budgets.length > 0) void this.#ask(budgets);
    });
  }

  /** Never rejects. */
  async #ask(budgets: readonly LocalBudget[]): Promise<void> {
    const { elapsed, holder, lease } = this.#parts;
    const askedAt = elapsed();
    const asked = budgets.map((budget) => {
      budget.asking = true;
      budget.lastTold = askedAt;
      return { budget, ask: budget.ask(holder, `${(this.#asks += 1)}`, this.#waiting.of(budget), askedAt) };
    });
    // Who waits is refused in time; that the database cannot be reached is told by those who reach for it.
    const answers = await lease(asked.map(({ ask }) => ask)).catch((): readonly Answer[] => []);
    const byName = new Map(answers.map((answer) => [`${answer.tenant}\n${answer.key}`, answer]));
    const at = elapsed();
    for (const { budget, ask } of asked) {
      budget.asking = false;
      const answer = byName.get(nameOf(budget.shared));
      if (answer === undefined) budget.takeBack(ask);
      else budget.hear(answer, ask, askedAt, at);
      budget.askAgainAt = answer === undefined ? at + afterFailureMs : at + shortestPauseMs;
    }
    this.#serve(at);
    for (const { budget } of asked) this.#plan(budget, at);
  }

  /** Looks again when there should be room for the first that waits. */
  #plan(budget: LocalBudget, at: number): void {
    this.#alarms.get(budget)?.();
    this.#alarms.delete(budget);
    if (budget.mustTell) this.#askSoon(budget);
    const first = this.#waiting.firstOf(budget);
    if (first === undefined || this.#closed) return;
    const foreseenMs = budget.isFull(at) ? 2 * shortestPauseMs : budget.foresee(first.costs, at);
    const pauseMs = Math.max(budget.askAgainAt - at, Math.min(longestPauseMs, Math.max(shortestPauseMs, foreseenMs)));
    budget.askAgainAt = at + pauseMs;
    this.#alarms.set(
      budget,
      this.#parts.timer(pauseMs, () => {
        this.#alarms.delete(budget);
        this.#askSoon(budget);
      }),
    );
  }

  /** Tells what has become of permits, and forgets budgets that nobody uses; stands still while there are none. */
  #tick(): void {
    if (this.#ticking || this.#closed) return;
    this.#ticking = true;
    this.#parts.timer(tickMs, () => {
      this.#ticking = false;
      const at = this.#parts.elapsed();
      for (const [name, budget] of this.#budgets) {
        if (budget.asking) continue;
        const isIdle = this.#waiting.firstOf(budget) === undefined;
        if ((budget.hasNews && at - budget.lastTold >= budget.tellEveryMs) || (isIdle && budget.hasSurplus)) this.#askSoon(budget);
        const idleMs = at - (this.#lastUse.get(budget) ?? 0);
        if (budget.hasNews || idleMs < forgottenAfterMs || at < budget.blockedUntil || this.#waiting.firstOf(budget) !== undefined)
          continue;
        this.#budgets.delete(name);
        this.#lastUse.delete(budget);
      }
      this.#refuseHopeless(at);
      if (this.#waiting.size > 0 || [...this.#budgets.values()].some((budget) => budget.hasNews)) this.#tick();
    });
  }

  #budgetOf(shared: SharedBudget, at: number): LocalBudget {
    const name = nameOf(shared);
    const known = this.#budgets.get(name);
    // Somebody may have been told that it is blocked before anybody knew its limits.
    if (known !== undefined && (known.shared.limits.length === shared.limits.length || shared.limits.length === 0)) {
      this.#lastUse.set(known, at);
      return known;
    }
    const budget = new LocalBudget(shared);
    if (known !== undefined) budget.hearBlock(known.blockedUntil);
    this.#budgets.set(name, budget);
    this.#lastUse.set(budget, at);
    return budget;
  }
}

function nameOf({ tenant, key }: Pick<SharedBudget, "tenant" | "key">): string {
  return `${tenant}\n${key}`;
}
