import type { BulkKind, BulkOperation } from "../../../connector/bulk.ts";
import { toMs } from "../../../duration.ts";
import { after } from "../../clock.ts";
import type { Clock } from "../../clock.ts";
import { httpError } from "../../errors.ts";
import type { Operation } from "../../operation-context.ts";
import type { ItemContent } from "./bulk-body.ts";

/** One write on its way into a call for many. */
export interface Item extends ItemContent {
  readonly step: Operation | undefined;
  /** Its size as JSON; 0 where nobody counts. */
  readonly bytes: number;
}

/** An item that waits, and whom to tell. Settling twice is safe. */
export interface Waiting {
  readonly item: Item;
  readonly addedAt: number;
  /** Its step was called off, or it has been told. */
  readonly gone: boolean;
  /** Called when it is gone before it was told by a call. */
  onGone: () => void;
  resolve(record: unknown): void;
  reject(error: unknown): void;
}

/** The collectors of a resource by operation and path. One that has nothing to do is not kept. */
export type Collectors = Map<string, Collector>;

/** Sends these by as few calls as the provider allows and tells each of them; never rejects. */
export type SendBatch = (batch: readonly Waiting[]) => Promise<void>;

export interface CollectorOptions {
  readonly kind: BulkKind;
  readonly many: BulkOperation;
  readonly clock: Clock;
  readonly send: SendBatch;
  /** Nothing waits and nothing is under way. */
  readonly onIdle: () => void;
}

const defaultCollectMs = 50;
/** Calls of one kind that are under way at once: what waits meanwhile makes fuller calls. */
const mostCallsAtOnce = 4;
/** A call that is answered this late keeps nobody waiting any longer. */
const longestWaitMs = 5_000;
/** After a call whose answer came late, nobody is waited for longer than this. */
const longestPauseMs = 1_000;

/**
 * Gathers writes of one kind until a call is full, or until none has come for a while.
 *
 * ```
 *  write ──▶ waiting ──full──────────────────────────────▶ sent ──▶ told
 *               │                                            ▲
 *               ├─ collected long enough, no call under way ─┤
 *               └─ urgent, or asked to ──────────────────────┘
 * ```
 *
 * While a call is under way a call that is not full waits for its end, and then as long again as it took: whoever is told by it most often writes next. Without that a worker
 * that has so many messages in hand would send, after each full call, the few that were left over.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #collectMs: number;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #lastEndAt = Number.NEGATIVE_INFINITY;
  /** How long the last call took: those whom it told need about as long to write again on a machine that is as busy. */
  #lastCallMs = 0;
  #callOff: (() => void) | undefined;
  /** Somebody who waits here is not to be kept waiting. */
  #hurried = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    const { collect } = options.many;
    this.#collectMs = collect === undefined ? defaultCollectMs : collect === false ? 0 : toMs(collect);
  }

  /** Resolves with the record, as the item's own call would have. */
  write(item: Item): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const signal = item.step?.context.signal;
    let gone = false;
    const settle = (act: () => void): void => {
      if (gone) return;
      gone = true;
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const waiting: Waiting = {
      item,
      addedAt: this.#options.clock.now(),
      get gone() {
        return gone;
      },
      onGone: () => undefined,
      resolve: (record) => settle(() => resolve(record)),
      reject: (error) => settle(() => reject(error)),
    };
    const onAbort = (): void => {
      waiting.reject(httpError("HTTP_ABORTED", "A write that was collected with others was cancelled.", { cause: signal?.reason }));
      waiting.onGone();
    };
    if (signal?.aborted === true) onAbort();
    else {
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#goOn(item.step?.context.lane === "interactive");
    }
    return promise;
  }

  /** Holds nothing back any longer. */
  flush(): void {
    this.#goOn(true);
  }

  /** Only a timer finds out that a call is due: what is written in the same turn, however long that takes, belongs into it. */
  #goOn(hurry: boolean, isDue = false): void {
    this.#hurried ||= hurry;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#waiting = this.#waiting.filter(({ gone }) => !gone);
    while (this.#waiting.length > 0 && this.#underWay < mostCallsAtOnce) {
      const batch = this.#next();
      if (!this.#hurried && !this.#isFull(batch) && !(isDue && this.#isDue())) break;
      this.#send(batch);
    }
    if (this.#waiting.length === 0) this.#hurried = false;
    if (this.#waiting.length === 0 && this.#underWay === 0) this.#options.onIdle();
    else if (this.#waiting.length > 0 && this.#underWay < mostCallsAtOnce) this.#wakeLater();
  }

  /** What the next call would carry. The same record twice in one call has no order that a provider promises. */
  #next(): readonly Waiting[] {
    const { most, mostBytes = Number.POSITIVE_INFINITY } = this.#options.many;
    const batch: Waiting[] = [];
    const ids = new Set<unknown>();
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const { item } = waiting;
      if (item.id !== undefined && ids.has(item.id)) continue;
      if (batch.length === most || (batch.length > 0 && bytes + item.bytes > mostBytes)) break;
      batch.push(waiting);
      ids.add(item.id);
      bytes += item.bytes;
    }
    return batch;
  }

  #isFull(batch: readonly Waiting[]): boolean {
    return batch.length === this.#options.many.most || batch.length < this.#waiting.length;
  }

  #isDue(): boolean {
    return this.#options.clock.now() >= this.#dueAt();
  }

  #dueAt(): number {
    const oldest = this.#waiting[0]?.addedAt ?? 0;
    const latest = oldest + Math.max(longestWaitMs, this.#collectMs);
    if (this.#underWay > 0) return latest;
    const afterCall = this.#lastEndAt + Math.max(this.#collectMs, Math.min(this.#lastCallMs, longestPauseMs));
    return Math.min(latest, Math.max(oldest + this.#collectMs, afterCall));
  }

  #wakeLater(): void {
    const { clock } = this.#options;
    this.#callOff = after(clock, Math.max(1, this.#dueAt() - clock.now()), () => this.#goOn(false, true));
  }

  #send(batch: readonly Waiting[]): void {
    this.#waiting = this.#waiting.filter((waiting) => !batch.includes(waiting));
    this.#underWay += 1;
    const startedAt = this.#options.clock.now();
    void this.#options.send(batch).then(() => {
      this.#underWay -= 1;
      this.#lastEndAt = this.#options.clock.now();
      this.#lastCallMs = this.#lastEndAt - startedAt;
      this.#goOn(false);
    });
  }
}
