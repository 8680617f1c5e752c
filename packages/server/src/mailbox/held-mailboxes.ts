import type { ActiveMailbox } from "./active-mailbox.ts";
import { Pace } from "./pace.ts";
import type { LeasedRunner } from "./runner.ts";
import type { MailboxKey } from "./types.ts";

/** A mailbox under lease. */
export interface Held {
  readonly mailbox: ActiveMailbox;
  readonly runner: LeasedRunner;
  fetching: boolean;
  /** Something came while a fetch was under way, which need not have seen it. */
  roused: boolean;
  /** A settlement that gives it back is under way: nothing more may be fetched. */
  releasing: boolean;
  readonly pace: Pace;
  /** The mailboxes of its tenant and lane, it among them. */
  peers: Peers;
  /** Since when it has its turn. */
  turnSince: number;
  /** In this turn it had to wait until something of it ended. */
  paced: boolean;
  /** When its quantum was used up while something still ran. */
  turnEndedAt: number | undefined;
  /** Since when it lingers. */
  idleSince: number;
  /** It has lingered long enough and is to be given back. */
  overdue: boolean;
}

/** Mailboxes of one tenant in one lane that a worker holds. */
interface Peers {
  held: number;
  /** Those of them that do not linger. */
  active: number;
}

/** A mailbox that was just leased. */
export function hold(mailbox: ActiveMailbox, runner: LeasedRunner, turnSince: number): Held {
  return {
    mailbox,
    runner,
    turnSince,
    pace: new Pace(turnSince),
    peers: { held: 1, active: 1 },
    paced: false,
    fetching: false,
    roused: false,
    idleSince: 0,
    overdue: false,
    releasing: false,
    turnEndedAt: undefined,
  };
}

export function beginTurn(held: Held, now: number): void {
  Object.assign(held, { turnSince: now, turnEndedAt: undefined, paced: false });
}

/** More at once would be told of in one notice without names anyway. */
const mostElsewhere = 1_000;

/** The mailboxes that a worker holds. Each is active, or it lingers: it has no work and waits for some. */
export class HeldMailboxes {
  readonly #all = new Map<string, Held>();
  readonly #active = new Set<Held>();
  /** The one that has lingered for longest comes first. */
  readonly #lingering = new Set<Held>();
  readonly #peers = new Map<string, Peers>();
  readonly #elsewhere = new Map<string, MailboxKey>();

  get size(): number {
    return this.#all.size;
  }

  get lingering(): number {
    return this.#lingering.size;
  }

  get active(): ReadonlySet<Held> {
    return this.#active;
  }

  get all(): Iterable<Held> {
    return this.#all.values();
  }

  get(key: MailboxKey): Held | undefined {
    return this.#all.get(toText(key));
  }

  /** Not under another lease by now, and not given up. */
  isHeld(held: Held): boolean {
    return this.get(held.mailbox.lease) === held;
  }

  add(held: Held): void {
    const { lease } = held.mailbox;
    this.#all.set(toText(lease), held);
    const of = `${lease.tenant}\n${lease.lane}`;
    held.peers = this.#peers.get(of) ?? { held: 0, active: 0 };
    this.#peers.set(of, held.peers);
    held.peers.held += 1;
    this.#activate(held);
  }

  forget(held: Held): void {
    const { lease } = held.mailbox;
    if (!this.isHeld(held)) return;
    this.#all.delete(toText(lease));
    this.#deactivate(held);
    this.#lingering.delete(held);
    held.peers.held -= 1;
    if (held.peers.held === 0) this.#peers.delete(`${lease.tenant}\n${lease.lane}`);
  }

  linger(held: Held, now: number): void {
    held.idleSince = now;
    this.#deactivate(held);
    this.#lingering.delete(held);
    this.#lingering.add(held);
  }

  /** Mailboxes that got work in this process; those that are not held here are perhaps held by another worker. */
  noteElsewhere(mailboxes: readonly MailboxKey[]): void {
    for (const key of mailboxes) {
      const text = toText(key);
      if (!this.#all.has(text) && this.#elsewhere.size < mostElsewhere) this.#elsewhere.set(text, key);
    }
  }

  /** Those that were noted and have not come to be held here since. */
  takeElsewhere(): MailboxKey[] {
    const keys = [...this.#elsewhere].flatMap(([text, key]) => (this.#all.has(text) ? [] : [key]));
    this.#elsewhere.clear();
    return keys;
  }

  /** There is, or may be, more to fetch. Whoever lingered has kept nobody from their turn: its own begins anew. */
  rouse(held: Held, now: number): void {
    held.overdue = false;
    held.roused = true;
    held.mailbox.drained = false;
    if (!this.#lingering.delete(held)) return;
    this.#activate(held);
    beginTurn(held, now);
  }

  /** Those that have lingered for `lingerMs`, or nearly so, in one go; they are active again, to be given back. */
  endLingering(now: number, lingerMs: number): Held[] {
    const overdue: Held[] = [];
    for (const held of this.#lingering) {
      if (held.idleSince + (lingerMs * 3) / 4 > now) break;
      overdue.push(held);
    }
    for (const held of overdue) {
      held.overdue = true;
      this.#lingering.delete(held);
      this.#activate(held);
    }
    return overdue;
  }

  #activate(held: Held): void {
    if (this.#active.has(held)) return;
    this.#active.add(held);
    held.peers.active += 1;
  }

  #deactivate(held: Held): void {
    if (this.#active.delete(held)) held.peers.active -= 1;
  }
}

export function toText({ tenant, mailbox }: MailboxKey): string {
  return `${tenant}\n${mailbox}`;
}
