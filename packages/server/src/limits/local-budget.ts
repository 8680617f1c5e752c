import type { BudgetUse, SharedBudget, Standing } from "@belay/sdk/http";
import { type Draw, LocalLimit } from "./local-limit.ts";
import type { Answer, Ask, ByLane, LimitAsk } from "./types.ts";

/** Calls that wait for a budget. */
export interface Waiting {
  /** Units by limit and lane. */
  readonly units: readonly ByLane[];
  readonly calls: number;
  /** What the dearest costs, by limit. */
  readonly dearest: readonly number[];
}

/** Nothing waits for long with a question: what is told late is believed to be used until then. */
const shortestTellMs = 50;
const longestTellMs = 1_000;
/** Places run out when nobody says that they are in use. */
const tellPlacesMs = 2_000;

/** What a holder has of one budget, and what it has to tell of it. Times are the holder's own, in milliseconds. */
export class LocalBudget {
  readonly shared: SharedBudget;
  readonly limits: readonly LocalLimit[];
  readonly tellEveryMs: number;
  /** Some of its limits are on requests under way. */
  readonly hasPlaces: boolean;
  /** It asks, and has no answer yet. */
  asking = false;
  /** Before this time an answer would say the same as the last. */
  askAgainAt = 0;
  blockedUntil = 0;
  lastTold = 0;
  #used = new Map<string, number>();
  #blockForMs: number | undefined;

  constructor(shared: SharedBudget) {
    this.shared = shared;
    this.limits = shared.limits.map((limit) => new LocalLimit(limit));
    this.hasPlaces = shared.limits.some(({ concurrent }) => concurrent !== Number.POSITIVE_INFINITY);
    const windows = shared.limits.filter(({ requests }) => requests !== Number.POSITIVE_INFINITY).map(({ perMs }) => perMs / 50);
    this.tellEveryMs = Math.min(longestTellMs, Math.max(shortestTellMs, Math.min(tellPlacesMs, ...windows)));
  }

  fits(use: BudgetUse, now: number): boolean {
    if (now < this.blockedUntil) return false;
    return this.limits.every((limit, index) => limit.fits(use.costs[index] ?? 1, now));
  }

  take(use: BudgetUse, lane: number, who: string, now: number): readonly Draw[][] {
    this.#used.set(who, (this.#used.get(who) ?? 0) + Math.max(1, ...use.costs));
    return this.limits.map((limit, index) => limit.take(use.costs[index] ?? 1, lane, now));
  }

  end(draws: readonly (readonly Draw[])[], sent: boolean, now: number): void {
    for (const [index, limit] of this.limits.entries()) limit.end(draws[index] ?? [], sent, now);
  }

  learn(index: number, standing: Standing): void {
    this.limits[index]?.learn(standing);
  }

  /** The provider lets nobody through before then; told with the next question. */
  block(untilMs: number, now: number): void {
    if (untilMs <= this.blockedUntil) return;
    this.blockedUntil = untilMs;
    this.#blockForMs = untilMs - now;
  }

  /** Somebody else was told so by the provider. */
  hearBlock(untilMs: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, untilMs);
  }

  get mustTell(): boolean {
    return this.#blockForMs !== undefined;
  }

  get hasNews(): boolean {
    return this.mustTell || this.limits.some((limit) => limit.hasNews);
  }

  get hasSurplus(): boolean {
    return this.limits.some((limit) => limit.hasSurplus);
  }

  get runsLow(): boolean {
    return this.limits.some((limit) => limit.runsLow);
  }

  ask(holder: string, block: string, waiting: Waiting | undefined, now: number): Ask {
    const of = this.limits.map((limit, index): LimitAsk =>
      limit.ask(waiting?.units[index] ?? [0, 0, 0, 0], waiting?.calls ?? 0, waiting?.dearest[index] ?? 1, now),
    );
    const used = this.#used;
    this.#used = new Map();
    const blockForMs = this.#blockForMs;
    this.#blockForMs = undefined;
    const { tenant, key, limits } = this.shared;
    return {
      tenant,
      key,
      holder,
      block,
      limits,
      of,
      ...(used.size > 0 && { used: Object.fromEntries(used) }),
      ...(blockForMs !== undefined && { blockForMs }),
    };
  }

  /** Takes in the answer to what was asked at that time. */
  hear(answer: Answer, ask: Ask, askedAt: number, now: number): void {
    this.hearBlock(answer.blockedForMs === 0 ? 0 : now + answer.blockedForMs);
    const block = { id: answer.block, askedAt, endsAt: askedAt + answer.spendForMs };
    for (const [index, limit] of this.limits.entries()) {
      const [told, heard] = [ask.of[index], answer.of[index]];
      if (told !== undefined && heard !== undefined) limit.hear(heard, told, block, askedAt + answer.placesForMs);
    }
  }

  /** Nobody heard it: what is told only once has to be told again. */
  takeBack({ blockForMs, used = {} }: Ask): void {
    this.#blockForMs ??= blockForMs;
    for (const [who, units] of Object.entries(used)) this.#used.set(who, (this.#used.get(who) ?? 0) + units);
  }

  /** In how many milliseconds a call that stands behind so many units, by limit, should find room. */
  foresee(units: readonly number[], now: number): number {
    const rooms = this.limits.map((limit, index) => limit.foresee(units[index] ?? 0, now));
    return Math.max(0, this.blockedUntil - now, ...rooms);
  }

  promise(mailbox: string, roomAt: number, use: BudgetUse): void {
    for (const [index, limit] of this.limits.entries()) limit.promise(mailbox, roomAt, use.costs[index] ?? 1);
  }

  isFull(now: number): boolean {
    return this.limits.some((limit) => limit.isFull(now));
  }
}
