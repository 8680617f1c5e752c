import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { type Claimed, claimMailboxes, lineUp } from "./claim-store.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";
import { FairShare, lanes, type Weights } from "./fair-share.ts";
import type { Held } from "./held-mailboxes.ts";
import { roomOfEach } from "./wants-more.ts";

export interface TurnsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly weights: () => Weights;
  readonly options: Pick<DispatcherOptions, "leaseMs" | "maxMailboxes" | "maxMessages" | "pollMs">;
}

/** Whose turn it is, for one worker: which mailboxes it takes next, and how many messages of each. */
export class Turns {
  readonly #parts: TurnsParts;
  readonly #fairShare: FairShare;
  #mayBeDue = true;
  #crowded = false;
  #lookAgainAt = 0;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    this.#fairShare = new FairShare(parts.weights);
  }

  /** There may be somebody in line. */
  get mayBeDue(): boolean {
    return this.#mayBeDue;
  }

  /** Somebody may stand in line who is not claimed, because there are enough of a lane or of a tenant. */
  get crowded(): boolean {
    return this.#crowded;
  }

  /** Somebody may have got in line: look there at once. */
  lookSoon(): void {
    this.#mayBeDue = true;
  }

  /** Leases whose turn it is, if it is time to look and there is room. */
  async claim(active: Iterable<Held>): Promise<Pick<Claimed, "leases"> | undefined> {
    const { db, clock, options } = this.#parts;
    // By the clock, not when the loop has nothing else to do: a busy worker has to find what becomes due by time, too.
    const byTime = clock.now() >= this.#lookAgainAt;
    if (!this.#mayBeDue && !byTime) return undefined;
    // More than there may be messages would only keep them from other workers.
    const slots = Math.min(options.maxMailboxes, options.maxMessages);
    const order = this.#fairShare.toClaimOrder(slots, holders(active));
    this.#crowded = order === undefined || order.lanes.length < lanes.length || order.left.values().some((most) => most <= 0);
    if (order === undefined) return undefined;
    this.#mayBeDue = false;
    if (byTime) {
      await lineUp(db);
      this.#lookAgainAt = clock.now() + options.pollMs;
    }
    const claimed = await claimMailboxes(db, order, options.leaseMs);
    if (this.#fairShare.claimed(order, claimed)) this.#mayBeDue = true;
    return claimed;
  }

  /** How many messages to fetch of each of those that want some, who gets none is not in it; and whether there was no room for some. */
  share(active: ReadonlySet<Held>, wanting: readonly Held[]): { readonly shares: ReadonlyMap<Held, number>; readonly unserved: boolean } {
    const rooms = roomOfEach(active, wanting, this.#parts.clock.now());
    const unfinished = Array.from(active, ({ mailbox }) => [mailbox.lease, mailbox.unfinished] as const);
    const byLease = new Map(rooms.keys().map((held) => [held.mailbox.lease, held]));
    const shares = new Map<Held, number>();
    for (const [lease, share] of this.#fairShare.share(
      this.#parts.options.maxMessages,
      unfinished,
      new Map(rooms.entries().map(([held, room]) => [held.mailbox.lease, room])),
    )) {
      const held = byLease.get(lease);
      if (held !== undefined) shares.set(held, share);
    }
    return { shares, unserved: shares.size < rooms.size };
  }
}

function* holders(active: Iterable<Held>): Generator<Held["mailbox"]["lease"]> {
  for (const { mailbox } of active) yield mailbox.lease;
}
