import type { Broken } from "../kernel/observer.ts";
import type { SideBook } from "./side-book.ts";
import type { OwnWrite } from "./side-provider.ts";
import { type FieldName, fieldNames, otherSide, type Side, sideNames } from "./steps.ts";

/** A walk as a side sees it: when it began, and when its last request so far was answered. */
interface Look {
  readonly beganAt: number;
  lastAt: number;
}

/** What Belay sent is on its way for at most so long, ms; what people do meanwhile it cannot know. */
const longestWayMs = 6_000;

/** What people did at both sides, what Belay did there, and whether it may have done so. */
export class Ledger {
  readonly broken: Broken[] = [];
  /** Persons whom people have deleted at some time, by side. */
  readonly deleted = { a: new Set<string>(), b: new Set<string>() };
  /** The last value that people gave a field of a person at a side, by `tag field`. */
  readonly values = { a: new Map<string, string>(), b: new Map<string, string>() };
  /** Values of a side that somebody has changed at the other, where they stood already: whoever did so knew them. By `tag field`. */
  readonly outdated = { a: new Set<string>(), b: new Set<string>() };
  /** Persons about whom nobody could have known enough: two came to be at one side at the very time at which Belay made one. */
  readonly raced = new Set<string>();
  writes = 0;
  edits = 0;
  readonly #books: Readonly<Record<Side, SideBook>>;
  readonly #nowMs: () => number;
  readonly #looks: Record<Side, Look[]> = { a: [], b: [] };
  /** When a person came to be at a side by people's hands. */
  readonly #came = { a: new Map<string, number>(), b: new Map<string, number>() };

  constructor(books: Readonly<Record<Side, SideBook>>, nowMs: () => number) {
    this.#books = books;
    this.#nowMs = nowMs;
  }

  came(side: Side, tag: string): void {
    this.#came[side].set(tag, this.#nowMs());
  }

  /** @param before What stood there. */
  gave(side: Side, tag: string, field: FieldName, value: string, before?: string): void {
    const name = `${tag} ${field}`;
    const other = this.values[otherSide(side)].get(name);
    if (other !== undefined && before === this.#books[side].written(field, other)) this.outdated[otherSide(side)].add(name);
    this.outdated[side].delete(name);
    this.values[side].set(name, value);
  }

  /** Who is made at a side, and is not at the other, is somebody new there: what people said of one who is gone says nothing of him. */
  forgot(side: Side, tag: string): void {
    for (const field of fieldNames) this.values[side].delete(`${tag} ${field}`);
  }

  listed(side: Side, isFirst: boolean): void {
    const look = this.#looks[side].at(-1);
    if (isFirst || look === undefined) this.#looks[side].push({ beganAt: this.#nowMs(), lastAt: this.#nowMs() });
    else look.lastAt = this.#nowMs();
  }

  /** Belay is about to write. */
  wrote({ side, what, person }: OwnWrite): void {
    this.writes += 1;
    if (what === "create") this.#created(side, person.tag);
    if (what === "delete" && !sideNames.some((name) => this.deleted[name].has(person.tag)))
      this.#break("false-delete", `${person.tag} is deleted at ${side}, and nobody has deleted it`);
  }

  #created(side: Side, tag: string): void {
    // Of two that nobody could know for one, both are carried over.
    if (this.raced.has(tag)) return;
    const now = this.#nowMs();
    const came = this.#came[otherSide(side)].get(tag) ?? 0;
    const isLooked = this.#looks[side].some(({ beganAt, lastAt }) => beganAt > came && lastAt < now);
    if (!isLooked && came > 0) this.#break("unlooked", `${tag} is created at ${side}, which nobody has looked through since it came`);
    if (this.#books[side].named(tag).length === 0) return;
    const there = this.#came[side].get(tag) ?? 0;
    const isSeen = this.#looks[side].some(({ beganAt, lastAt }) => beganAt > there && lastAt < now - longestWayMs);
    if (isSeen) this.#break("doubled", `${tag} is created at ${side}, where it was there to be seen for long`);
    else this.raced.add(tag);
  }

  #break(kind: string, text: string): void {
    this.broken.push({ kind, text });
  }
}
