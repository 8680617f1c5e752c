import { earlyMs } from "./told-times.ts";

/** Thousands of mailboxes may be told at once: what they were promised is remembered by the tenth of a second. */
const slotMs = 100;
const mostRemembered = 10_000;

/** When how much will be free in all, as far as that was foreseen; the earliest comes first. */
export type Frees = readonly (readonly [atMs: number, units: number])[];

/**
 * What mailboxes will want of a limit when they come again, so that those who are told after them are told a later time. A mailbox counts once, with what it brings and no more than its
 * share, however many of its calls were turned away: they all come again together, and what finds no room then is told anew. Times are the holder's own, in milliseconds.
 */
export class Promises {
  readonly #msPerUnit: number;
  /** No mailbox keeps others away for more than this. */
  readonly #mostEach: number;
  readonly #slots = new Map<number, number>();
  readonly #mailboxes = new Map<string, { readonly slot: number; readonly units: number }>();
  #frees: Frees = [];
  /** What was foreseen without what is promised until then; undefined when that has changed. */
  #rooms: Frees | undefined;
  #promised = 0;
  #seenAt = 0;

  constructor({ requests, perMs }: { readonly requests: number; readonly perMs: number }) {
    this.#msPerUnit = perMs / requests;
    this.#mostEach = Math.max(1, Math.ceil(requests / 8));
  }

  foreseen(frees: Frees): void {
    this.#frees = frees;
    this.#rooms = undefined;
  }

  /** A call of this mailbox was told that there should be room then. */
  add(mailbox: string, roomAt: number, units: number): void {
    const slot = Math.ceil(roomAt / slotMs) * slotMs;
    const known = this.#mailboxes.get(mailbox);
    const before = known?.slot === slot ? known.units : 0;
    const more = Math.min(units, this.#mostEach - before);
    if (more <= 0) return;
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + more);
    if (this.#mailboxes.size >= mostRemembered) this.#forgetMailboxes();
    this.#mailboxes.set(mailbox, { slot, units: before + more });
    this.#rooms = undefined;
  }

  /** The first time at which so many units should be free that nobody was promised who comes until then; beyond what was foreseen the limit's rate goes on. 0: nothing was foreseen. */
  roomFor(units: number, now: number): number {
    this.#forgetPast(now);
    this.#rooms ??= this.#reckon();
    const found = this.#rooms.find(([, free]) => free >= units);
    if (found !== undefined) return found[0];
    const last = this.#frees.at(-1);
    return last === undefined ? 0 : last[0] + (units + this.#promised - last[1]) * this.#msPerUnit;
  }

  #reckon(): Frees {
    const slots = [...this.#slots].toSorted(([a], [b]) => a - b);
    this.#promised = slots.reduce((sum, [, units]) => sum + units, 0);
    let [next, promised] = [0, 0];
    return this.#frees.map(([at, free]) => {
      for (; next < slots.length && (slots[next]?.[0] ?? 0) <= at + slotMs; next += 1) promised += slots[next]?.[1] ?? 0;
      return [at, free - promised] as const;
    });
  }

  /** Whose time has come waits again, here or elsewhere, or has nothing left. */
  #forgetPast(now: number): void {
    if (now === this.#seenAt) return;
    this.#seenAt = now;
    for (const slot of this.#slots.keys()) {
      if (slot - earlyMs > now) continue;
      this.#slots.delete(slot);
      this.#rooms = undefined;
    }
  }

  #forgetMailboxes(): void {
    for (const [mailbox, { slot }] of this.#mailboxes) if (!this.#slots.has(slot)) this.#mailboxes.delete(mailbox);
  }
}
