/** A page on its way to the disk. */
export interface PageInWriting {
  /** External ids of its records. */
  readonly ids: ReadonlySet<string>;
  /** Resolves when it is kept. */
  readonly kept: Promise<unknown>;
}

/**
 * When a page of these ids can be worked out. What one page changes and the next takes back would look unchanged, compared with what was there before both: a page that
 * has a record in common with one that is being written is worked out when that is kept. Pages are kept in their order, so of several the last decides.
 *
 * @returns undefined: at once.
 */
export function lastInCommon(writing: Iterable<PageInWriting>, ids: ReadonlySet<string>): Promise<unknown> | undefined {
  let last: Promise<unknown> | undefined;
  for (const page of writing) if (ids.values().some((id) => page.ids.has(id))) last = page.kept;
  return last;
}
