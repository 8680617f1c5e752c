import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { findMessages, type MessageFilter, type MessageSummary, readLastId } from "./find-messages.ts";

export interface MessagePage {
  /** Newest first. */
  readonly items: readonly MessageSummary[];
  /** Where the next page begins: ids below this one. `null` when everything has been seen. */
  readonly below: number | null;
}

const firstWindow = 10_000;
/** A window that was read faster than that is followed by one four times as wide. */
const quickMs = 100;
/** After so long the page is given as it is, however short. */
const patienceMs = 1_000;

/**
 * Searches messages from the newest to the oldest, window by window of their ids, until `limit` are found or a second has passed. A page may therefore be short,
 * or empty, and still not be the last: go on while `below` is not null.
 *
 * Ids rise with time across all tenants. Windows grow while they are cheap, so that a tenant whose last message is long ago is found in a few steps, and no
 * search of a busy one reads more than it returns and one window.
 */
export async function searchMessages(
  db: Db,
  cipher: Cipher,
  clock: Clock,
  filter: MessageFilter,
  { below: start, limit }: { readonly below?: number | undefined; readonly limit: number },
): Promise<MessagePage> {
  const items: MessageSummary[] = [];
  const begunAt = clock.now();
  let below = start ?? (await readLastId(db)) + 1;
  for (let width = firstWindow; below > 1;) {
    const windowBegunAt = clock.now();
    const from = Math.max(1, below - width);
    const wanted = limit - items.length;
    const found = await findMessages(db, cipher, filter, { from, below }, wanted);
    items.push(...found);
    below = found.length === wanted ? (found.at(-1)?.id ?? from) : from;
    if (items.length === limit || clock.now() - begunAt > patienceMs) break;
    if (clock.now() - windowBegunAt < quickMs) width *= 4;
  }
  return { items, below: below > 1 ? below : null };
}
