import type { ParsedLimit, Standing } from "@belay/sdk/http";
import { lanes, none } from "./lanes.ts";
import { Promises } from "./promises.ts";
import type { ByLane, HeldBlock, LimitAnswer, LimitAsk } from "./types.ts";

/** A block in the hands of its holder. Times are the holder's own, in milliseconds. */
interface LocalBlock {
  readonly id: string;
  readonly askedAt: number;
  readonly endsAt: number;
  left: number;
  underWay: number;
  counted: [afterMs: number, units: number][];
}

/** Units that one request took of a block. */
export interface Draw {
  readonly block: LocalBlock;
  readonly units: number;
}

/** Units are worth having in advance for so long. */
const inAdvanceMs = 250;
/** Unused for so long, they are given back. */
const idleMs = 100;

/** What a holder has of one limit: blocks that it spends without asking anybody, and places for requests under way. */
export class LocalLimit {
  readonly #limit: ParsedLimit;
  #blocks: LocalBlock[] = [];
  #free = 0;
  #inUse = 0;
  #places = 0;
  #placesUntil = 0;
  #takenUnits = 0;
  #takenSince = 0;
  #rate = 0;
  #lastTake = 0;
  #lane = 1;
  /** At the last answer not all could be had. */
  #isShort = false;
  readonly #promises: Promises;
  #learned: Standing | undefined;

  constructor(limit: ParsedLimit) {
    this.#limit = limit;
    this.#promises = new Promises(limit);
  }

  /** Whether a request fits now. */
  fits(cost: number, now: number): boolean {
    if (this.#limit.concurrent !== Number.POSITIVE_INFINITY && (this.#inUse >= this.#places || now >= this.#placesUntil)) return false;
    if (this.#limit.requests === Number.POSITIVE_INFINITY) return true;
    this.#expire(now);
    return this.#free >= cost;
  }

  /** Takes what must fit. */
  take(cost: number, lane: number, now: number): Draw[] {
    this.#inUse += 1;
    if (this.#limit.requests === Number.POSITIVE_INFINITY) return [];
    this.#takenUnits += cost;
    this.#lastTake = now;
    this.#lane = lane;
    this.#free -= cost;
    const draws: Draw[] = [];
    let missing = cost;
    for (const block of this.#blocks) {
      if (missing <= 0) break;
      const units = Math.min(block.left, missing);
      if (units <= 0) continue;
      block.left -= units;
      block.underWay += units;
      missing -= units;
      draws.push({ block, units });
    }
    return draws;
  }

  /** A request is over. What certainly never left may be used again as long as its block may. */
  end(draws: readonly Draw[], sent: boolean, now: number): void {
    this.#inUse -= 1;
    for (const { block, units } of draws) {
      block.underWay -= units;
      if (sent) block.counted.push([Math.ceil(now - block.askedAt), units]);
      else if (now < block.endsAt) {
        block.left += units;
        this.#free += units;
      }
    }
  }

  /** Until when all of these may be spent. */
  static endOf(draws: readonly Draw[]): number {
    return draws.reduce((end, { block }) => Math.min(end, block.endsAt), Number.POSITIVE_INFINITY);
  }

  learn(standing: Standing): void {
    // Of several answers since the last time the one with the least left says the most.
    if (this.#learned === undefined || standing.remaining <= this.#learned.remaining) this.#learned = standing;
  }

  /** What it asks for when calls wait for so many units, by lane, the dearest of them costing so much. */
  ask(waiting: ByLane, waitingCalls: number, dearest: number, now: number): LimitAsk {
    this.#expire(now);
    this.#measure(now);
    // After a pause nothing is kept, and nothing at all of what others did not get: somebody may wait for it.
    if (waitingCalls === 0 && (now - this.#lastTake > idleMs || this.#isShort)) this.#giveBack();
    const wanting = [...waiting] as [number, number, number, number];
    const ahead = this.#inAdvance();
    wanting[this.#lane] = (wanting[this.#lane] ?? 0) + ahead;
    let have = this.#free;
    for (const index of lanes.keys()) {
      const covered = Math.min(have, wanting[index] ?? 0);
      wanting[index] = Math.ceil((wanting[index] ?? 0) - covered);
      have -= covered;
    }
    const held = this.#blocks.map(({ id, left, underWay, counted }): HeldBlock => ({
      id,
      outstanding: left + underWay,
      counted: [...counted],
    }));
    const counts = this.#limit.requests !== Number.POSITIVE_INFINITY;
    const learned = this.#learned;
    this.#learned = undefined;
    return {
      held,
      wants: counts ? wanting : none,
      waiting: counts ? waiting : none,
      dearest,
      places: { inUse: this.#inUse, wants: waitingCalls + (this.#inUse > 0 ? Math.ceil(this.#inUse / 4) : 0) },
      ...(learned && {
        learned: {
          remaining: learned.remaining,
          askedMsAgo: Math.max(0, now - learned.askedAt),
          ...(learned.resetAt !== undefined && { resetInMs: Math.max(0, learned.resetAt - now) }),
        },
      }),
    };
  }

  /** What was asked for is there, and what was told is known. */
  hear(
    answer: LimitAnswer,
    told: LimitAsk,
    block: { readonly id: string; readonly askedAt: number; readonly endsAt: number },
    placesUntil: number,
  ): void {
    const reported = new Map(told.held.map(({ id, counted }) => [id, counted.length]));
    for (const known of this.#blocks) known.counted.splice(0, reported.get(known.id) ?? 0);
    this.#blocks = this.#blocks.filter(({ left, underWay, counted }) => left + underWay > 0 || counted.length > 0);
    if (answer.granted > 0) {
      this.#blocks.push({ ...block, left: answer.granted, underWay: 0, counted: [] });
      this.#free += answer.granted;
    }
    this.#places = answer.places;
    this.#placesUntil = placesUntil;
    this.#isShort = answer.frees.length > 0;
    this.#promises.foreseen(answer.frees.map(([inMs, units]) => [block.askedAt + inMs, units]));
  }

  /** In how many milliseconds a call that stands behind so many units should find room, as far as was foreseen. */
  foresee(units: number, now: number): number {
    return Math.max(0, this.#promises.roomFor(units, now) - now);
  }

  /** A call of this mailbox was told to come again when there should be room. */
  promise(mailbox: string, roomAt: number, units: number): void {
    this.#promises.add(mailbox, roomAt, units);
  }

  /** What holds a call back is that all places are taken. */
  isFull(now: number): boolean {
    return this.#limit.concurrent !== Number.POSITIVE_INFINITY && (this.#inUse >= this.#places || now >= this.#placesUntil);
  }

  /** Whether there is anything to tell. */
  get hasNews(): boolean {
    return this.#places > this.#inUse || this.#learned !== undefined || this.#blocks.length > 0;
  }

  /** Whether something lies here that others did not get. */
  get hasSurplus(): boolean {
    return this.#free > 0 && this.#isShort;
  }

  /** Whether it is soon out of what it spends. */
  get runsLow(): boolean {
    return this.#limit.requests !== Number.POSITIVE_INFINITY && this.#free < this.#inAdvance() / 2;
  }

  #inAdvance(): number {
    // While not all can be had, somebody else may wait for what would only lie here.
    if (this.#isShort) return 0;
    // An eighth at most: what one worker has in advance, the others do not have.
    return Math.floor(Math.min(this.#rate * inAdvanceMs, this.#limit.requests / 8));
  }

  #measure(now: number): void {
    const spanMs = now - this.#takenSince;
    if (spanMs < 10) return;
    this.#rate = this.#rate * 0.5 + (this.#takenUnits / spanMs) * 0.5;
    this.#takenUnits = 0;
    this.#takenSince = now;
  }

  #expire(now: number): void {
    for (const block of this.#blocks) {
      if (block.left === 0 || now < block.endsAt) continue;
      this.#free -= block.left;
      block.left = 0;
    }
  }

  #giveBack(): void {
    for (const block of this.#blocks) block.left = 0;
    this.#free = 0;
  }
}
