import type { Found, Lease, Message, Result, Settlement } from "./types.ts";

/** How a runner says an attempt ended; the dispatcher turns it into a `Result`. */
export type Verdict = Ending & Found;

type Ending =
  /** `stepped`: step results of it were stored. */
  | { readonly kind: "delivered"; readonly stepped: boolean }
  /** `outage`: the provider was away, as far as one call can tell. Default: it was not. */
  | { readonly kind: "retry"; readonly afterMs: number; readonly code: string; readonly error: string; readonly outage?: boolean }
  | { readonly kind: "dead"; readonly code: string; readonly error: string }
  /** The far end or the budget cannot take anything now: the whole mailbox waits and no attempt is counted. `outage`: a breaker says that the provider is away. */
  | { readonly kind: "wait"; readonly waitMs: number; readonly why: string; readonly begun: boolean; readonly outage?: boolean }
  /** Stopped from outside: the lease is lost or the process is going down. */
  | { readonly kind: "suspended" };

/**
 * What a worker knows of a mailbox while it holds the lease. Pure memory: it decides what may begin and what is to be written down.
 *
 * ```
 *  accept ──▶ waiting behind its order key ──▶ running ──▶ finished ──▶ settled (on disk) ──▶ next of the order key
 *     └─────▶ parked (its order key is blocked)
 * ```
 *
 * A message begins only after the one before it in its order key is settled: were a worker killed in between, redoing the earlier one
 * would overwrite the effect of the later.
 */
export class ActiveMailbox {
  lease: Lease;
  /** Local time (ms) until which the lease surely holds. */
  deadlineMs: number;
  /** Fetch new messages above this id. */
  cursor: number;
  /** The last fetch found fewer than it asked for. */
  drained = false;
  handled = 0;
  /** By local time (ms), so that what still runs when somebody is told to wait does not make the wait longer. */
  waiting: { readonly untilMs: number; readonly why: string } | undefined;
  /** Nothing more begins under this lease. */
  stopping = false;

  readonly #running = new Map<number, Message>();
  readonly #queues = new Map<string, Message[]>();
  /** Order keys with a message that runs or whose result is not settled. */
  readonly #busyKeys = new Set<string>();
  readonly #blockedKeys = new Set<string>();
  readonly #applied = new Map<string, number>();
  readonly #taken = new Set<string>();
  /** New messages that were fetched and given up again: the head stays below them. */
  #abandonedFrom = Number.POSITIVE_INFINITY;
  #results: Result[] = [];
  #settling: readonly Result[] = [];

  readonly #isPaused: (flow: string) => boolean;
  /** Order keys at whose head a message of a paused flow waits. */
  readonly #heldKeys = new Set<string>();

  /** @param isPaused Whether a flow's messages have to wait now. */
  constructor(lease: Lease, deadlineMs: number, isPaused: (flow: string) => boolean = () => false) {
    this.#isPaused = isPaused;
    this.lease = lease;
    this.deadlineMs = deadlineMs;
    this.cursor = lease.head;
  }

  get unfinished(): number {
    let queued = 0;
    for (const queue of this.#queues.values()) queued += queue.length;
    return this.#running.size + queued;
  }

  get running(): Iterable<Message> {
    return this.#running.values();
  }

  /** Results that are still to be written down. */
  get results(): number {
    return this.#results.length;
  }

  /** Nothing runs and nothing waits to begin; results may still have to be settled. */
  get idle(): boolean {
    return this.#running.size === 0 && this.#queues.size === 0;
  }

  /** New messages that were fetched have been given up. */
  get abandoned(): boolean {
    return this.#abandonedFrom !== Number.POSITIVE_INFINITY;
  }

  /** Messages of it are known to wait for their next attempt. */
  get blocked(): boolean {
    return this.#blockedKeys.size > 0;
  }

  /** Takes fetched messages in; returns those that may begin now. */
  accept(messages: readonly Message[], limit: number): Message[] {
    const begin: Message[] = [];
    let fresh = 0;
    for (const message of messages) {
      const take = `${message.id}:${message.attempts}`;
      if (!message.parked) {
        fresh += 1;
        this.cursor = Math.max(this.cursor, message.id);
      }
      if (this.#taken.has(take)) continue;
      if (this.stopping) {
        this.#abandon(message);
        continue;
      }
      this.#taken.add(take);
      // It stays parked behind the one that is held.
      if (message.parked && this.#heldKeys.has(message.orderKey)) continue;
      if (!message.parked && (message.blocked || this.#blockedKeys.has(message.orderKey))) {
        // The block may be gone by now, and this message not yet parked on disk: what comes after it must line up behind it all the same.
        this.#blockedKeys.add(message.orderKey);
        this.#results.push({ kind: "park", message });
      } else if (this.#busyKeys.has(message.orderKey)) {
        this.#queue(message);
      } else if (this.#admit(message)) {
        begin.push(message);
      }
    }
    this.drained = fresh < limit;
    return begin;
  }

  /** Takes the end of an attempt in. */
  finish(message: Message, verdict: Verdict, nowMs: number): void {
    if (!this.#running.delete(message.id)) return;
    this.handled += 1;
    switch (verdict.kind) {
      case "delivered":
        if (message.version !== null) this.#applied.set(versionKey(message), message.version);
        this.#results.push({ ...verdict, message });
        break;
      case "dead":
        this.#results.push({ ...verdict, message });
        break;
      case "retry":
        this.#results.push({ ...verdict, message });
        this.#block(message.orderKey);
        break;
      case "wait": {
        // What has failed is suspect already. It may have failed while the breaker was still finding out.
        const kind = verdict.outage === true && message.attempts > 0 ? "forgive" : "suspend";
        if (verdict.begun || kind === "forgive")
          this.#results.push({ kind, message, ...(verdict.fingerprints && { fingerprints: verdict.fingerprints }) });
        this.#abandon(message);
        this.stopBeginning({ untilMs: nowMs + verdict.waitMs, why: verdict.why });
        break;
      }
      case "suspended":
        this.#results.push({ kind: "suspend", message });
        this.#abandon(message);
        this.stopBeginning();
        break;
    }
  }

  /**
   * Gives up what has not begun; what runs may end. With a reason the whole mailbox pauses when it is handed back, until the first of the times that were told: whoever has to wait for
   * longer is told so again, and keeps nobody who may go on from doing so.
   */
  stopBeginning(waiting?: { readonly untilMs: number; readonly why: string }): void {
    this.stopping = true;
    if (waiting !== undefined && waiting.untilMs < (this.waiting?.untilMs ?? Number.POSITIVE_INFINITY)) this.waiting = waiting;
    for (const queue of this.#queues.values()) for (const message of queue) this.#abandon(message);
    this.#queues.clear();
  }

  /** There may be more than the last fetch found: for a mailbox that a long run keeps here. */
  lookAgain(): void {
    if (!this.idle) this.drained = false;
  }

  /** What is to be written down now; the results in it are settled when `settled` is called. */
  toSettlement(extend: boolean, release?: Settlement["release"]): Settlement {
    this.#settling = this.#results;
    this.#results = [];
    const { tenant, mailbox, token } = this.lease;
    return { tenant, mailbox, token, head: this.#head(), results: this.#settling, extend, ...(release === undefined ? {} : { release }) };
  }

  /** The settlement is on disk: returns the messages that may begin because the one before them is. */
  settled(): Message[] {
    const done = this.#settling;
    this.#settling = [];
    const begin: Message[] = [];
    for (const { message, kind } of done) {
      if (kind === "park") continue;
      this.#busyKeys.delete(message.orderKey);
      const next = this.#nextOf(message.orderKey);
      if (next !== undefined) begin.push(next);
    }
    return begin;
  }

  /** The settlement did not reach the disk: its results stand again. */
  unsettled(): void {
    this.#results = [...this.#settling, ...this.#results];
    this.#settling = [];
  }

  #nextOf(orderKey: string): Message | undefined {
    const queue = this.#queues.get(orderKey);
    let next = queue?.shift();
    if (queue?.length === 0) this.#queues.delete(orderKey);
    if (next !== undefined && !this.#admit(next)) next = undefined;
    return next;
  }

  /**
   * Marks a message as running, unless its flow is paused: then it waits, and its order key with it; or unless a newer version of its entity has been applied: then it is
   * finished as superseded.
   */
  #admit(message: Message): boolean {
    if (this.#isPaused(message.flow)) {
      this.#heldKeys.add(message.orderKey);
      this.#results.push({ kind: "hold", message });
      this.#block(message.orderKey);
      return false;
    }
    this.#busyKeys.add(message.orderKey);
    const applied = Math.max(
      this.#applied.get(versionKey(message)) ?? Number.NEGATIVE_INFINITY,
      message.appliedVersion ?? Number.NEGATIVE_INFINITY,
    );
    if (message.version !== null && message.version < applied) {
      this.handled += 1;
      this.#results.push({ kind: "superseded", message });
      return false;
    }
    this.#running.set(message.id, message);
    return true;
  }

  #queue(message: Message): void {
    const queue = this.#queues.get(message.orderKey);
    if (queue === undefined) this.#queues.set(message.orderKey, [message]);
    else queue.push(message);
  }

  #block(orderKey: string): void {
    this.#blockedKeys.add(orderKey);
    for (const message of this.#queues.get(orderKey) ?? []) this.#results.push({ kind: "park", message });
    this.#queues.delete(orderKey);
  }

  #abandon(message: Message): void {
    this.#taken.delete(`${message.id}:${message.attempts}`);
    if (!message.parked) this.#abandonedFrom = Math.min(this.#abandonedFrom, message.id);
  }

  /** Everything up to the head is finished, parked or dead; what runs or waits here lies above it. */
  #head(): number {
    let lowest = this.#abandonedFrom;
    for (const message of this.#running.values()) if (!message.parked) lowest = Math.min(lowest, message.id);
    for (const queue of this.#queues.values()) for (const message of queue) if (!message.parked) lowest = Math.min(lowest, message.id);
    return Math.min(this.cursor, lowest - 1);
  }
}

function versionKey(message: Message): string {
  return `${message.flow}\n${message.orderKey}`;
}
