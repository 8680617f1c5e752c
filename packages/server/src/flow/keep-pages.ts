import { externalIdsOf } from "@belay/sdk/sync";
import type { PageAnswer, WalkPage } from "../syncs/index.ts";

/** So many are on their way to the disk at once: one is written, and the one behind it worked out meanwhile. */
const mostKeeping = 2;
/** What is read meanwhile is kept together, as one transaction: up to so many records, and so many characters, for all of it is in memory, and sealed in one go. */
const mostRecords = 400;
const mostCharacters = 2_000_000;

/** A page that waits for room. */
interface WaitingPage {
  readonly page: WalkPage;
  readonly ids: ReadonlySet<string>;
  readonly characters: number;
}

/**
 * Gives the pages of a walk to be kept, in their order. While some are being kept, those behind them are gathered, and kept together: what a transaction costs besides its
 * records is paid once.
 */
export class PageKeeper {
  readonly #keep: (page: WalkPage) => Promise<PageAnswer>;
  #waiting: WaitingPage[] = [];
  #keeping = 0;
  #goesOn = true;
  #failure: { readonly error: unknown } | undefined;
  #settled = Promise.withResolvers<void>();

  constructor(keep: (page: WalkPage) => Promise<PageAnswer>) {
    this.#keep = keep;
  }

  add(page: WalkPage): void {
    this.#waiting.push({ page, ids: externalIdsOf(page.records), characters: charactersOf(page) });
    this.#begin();
  }

  /** Waits until there is room for one more. @returns whether the walk may go on. @throws what keeping a page throws. */
  async room(): Promise<boolean> {
    return await this.#until(() => !isFull(this.#waiting));
  }

  /** Waits for all. @returns and throws as above. */
  async all(): Promise<boolean> {
    return await this.#until(() => this.#keeping === 0 && this.#waiting.length === 0);
  }

  async #until(isTrue: () => boolean): Promise<boolean> {
    while (this.#goesOn && this.#failure === undefined && !isTrue()) await this.#settled.promise;
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#goesOn;
  }

  #begin(): void {
    if (!this.#goesOn || this.#failure !== undefined || this.#keeping === mostKeeping || this.#waiting.length === 0) return;
    const count = countTogether(this.#waiting);
    const pages = this.#waiting.slice(0, count).map(({ page }) => page);
    this.#waiting = this.#waiting.slice(count);
    this.#keeping += 1;
    this.#keep(join(pages)).then(
      ({ goOn }) => this.#end(() => (this.#goesOn &&= goOn)),
      // Those behind it cannot be kept either: they are read again.
      (error: unknown) => this.#end(() => (this.#failure ??= { error })),
    );
  }

  #end(note: () => void): void {
    this.#keeping -= 1;
    note();
    this.#begin();
    this.#settled.resolve();
    this.#settled = Promise.withResolvers();
  }
}

/** How many of the first can be kept together: pages that share a record are not, for the later would hide what the one before has seen. */
function countTogether(waiting: readonly WaitingPage[]): number {
  const ids = new Set<string>();
  let records = 0;
  let characters = 0;
  let count = 0;
  for (const one of waiting) {
    records += one.page.records.length;
    characters += one.characters;
    if (count > 0 && (records > mostRecords || characters > mostCharacters || one.ids.values().some((id) => ids.has(id)))) break;
    for (const id of one.ids) ids.add(id);
    count += 1;
  }
  return count;
}

function isFull(waiting: readonly WaitingPage[]): boolean {
  let records = 0;
  let characters = 0;
  for (const one of waiting) {
    records += one.page.records.length;
    characters += one.characters;
  }
  return waiting.length > 0 && (records >= mostRecords || characters >= mostCharacters);
}

function charactersOf({ records }: WalkPage): number {
  return records.reduce((sum, record) => sum + (record.kind === "deleted" ? 0 : record.raw.length), 0);
}

/** As one page: the walk stands where the last of them led. */
function join(pages: readonly WalkPage[]): WalkPage {
  const last = pages.at(-1);
  if (last === undefined || pages.length === 1) return last ?? nothing();
  return { ...last, records: pages.flatMap(({ records }) => records), pages: pages.reduce((sum, page) => sum + page.pages, 0) };
}

function nothing(): never {
  throw new Error("There is no page to keep.");
}
