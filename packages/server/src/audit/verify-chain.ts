import { type AuditEntry, hashEntry } from "./entry.ts";

/** The end of the chain as somebody saw it once. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
}

/** Where a chain is first broken, and how. */
export interface BrokenChain {
  readonly number: number;
  readonly kind: "changed" | "removed" | "inserted" | "rewritten" | "truncated";
  readonly what: string;
}

/**
 * Checks a chain, entry by entry, in order. It may begin anywhere: then what came before is taken on trust.
 *
 * A chain that was written anew from some entry on is sound in itself, and so is one whose end was cut off: only a head that was kept elsewhere shows it.
 */
export class ChainCheck {
  readonly #expected: AuditHead | undefined;
  #last: AuditHead | undefined;
  #broken: BrokenChain | undefined;
  #metHead = false;

  /** @param expected a head that was kept elsewhere. */
  constructor(expected?: AuditHead) {
    this.#expected = expected;
  }

  /** The next entry. @returns what is wrong with the chain up to here; `undefined` while it is sound. */
  add(entry: AuditEntry): BrokenChain | undefined {
    this.#broken ??= this.#judge(entry);
    this.#last = { number: entry.number, hash: entry.hash };
    return this.#broken;
  }

  /** After the last entry. @returns what is wrong; `undefined` if nothing is. */
  end(): BrokenChain | undefined {
    const [expected, last] = [this.#expected, this.#last];
    if (this.#broken !== undefined || expected === undefined || this.#metHead) return this.#broken;
    const at = last?.number ?? 0;
    const what = `the log ends at entry ${at}, but it once had entry ${expected.number}: the end was cut off.`;
    return at < expected.number ? { number: at + 1, kind: "truncated", what } : undefined;
  }

  /** The newest entry so far: keep it elsewhere. */
  get head(): AuditHead | undefined {
    return this.#last;
  }

  #judge(entry: AuditEntry): BrokenChain | undefined {
    const { number, previous, hash } = entry;
    const last = this.#last;
    if (last !== undefined && number <= last.number)
      return { number, kind: "inserted", what: `entry ${number} stands after entry ${last.number}: it was put in.` };
    if (last !== undefined && number > last.number + 1)
      return {
        number: last.number + 1,
        kind: "removed",
        what: `entry ${last.number + 1} is missing: ${last.number} is followed by ${number}.`,
      };
    if (hashEntry(entry) !== hash)
      return { number, kind: "changed", what: `entry ${number} is not what was written: its hash does not fit its content.` };
    if (last !== undefined && previous !== last.hash)
      return {
        number: last.number,
        kind: "rewritten",
        what: `entry ${last.number} is not the one that entry ${number} was written after: one of them was written anew.`,
      };
    if (number !== this.#expected?.number) return undefined;
    this.#metHead = true;
    return hash === this.#expected.hash
      ? undefined
      : {
          number,
          kind: "rewritten",
          what: `entry ${number} is another one than when its hash was kept: the log was written anew up to it, or from before it.`,
        };
  }
}
