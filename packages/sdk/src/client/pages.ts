/** All items of a listing, page after page as they are asked for. */
export async function* pages<Item>(
  read: (cursor: { cursor?: string }) => Promise<{ items: readonly Item[]; next: string | null }>,
): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await read(cursor === undefined ? {} : { cursor });
    yield* page.items;
    cursor = page.next;
  }
}
