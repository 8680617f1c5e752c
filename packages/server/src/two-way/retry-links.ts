import { BelayError } from "@belay/sdk";
import { rulesOf } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import type { Cipher } from "../vault/index.ts";
import { findSides } from "./find-sides.ts";
import { written } from "./plan-turn.ts";
import { listLinks, wantLinks } from "./store.ts";
import type { TwoWayKey } from "./types.ts";
import { writeMessage } from "./write-message.ts";

interface RetryParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "twoWays" | "ofTenant">;
}

/** Things whose writes are tried again. */
export interface RetriedLinks {
  /** Canonical ids. */
  readonly records: readonly string[];
  /** What got something to do. */
  readonly mailboxes: readonly MailboxKey[];
}

/** So many in one transaction. */
const chunk = 500;

/**
 * Has things merged and written again whose writes were given up: all of a tenant's, or one. They are merged as they are now. Calling it twice is safe: what is being tried has not
 * been given up.
 *
 * @throws `API_NOT_FOUND` where the tenant has no such two-way sync.
 */
export async function retryLinks(
  parts: RetryParts,
  { record, ...key }: TwoWayKey & { readonly record?: string | undefined },
): Promise<RetriedLinks> {
  const records: string[] = [];
  const mailboxes = new Map<string, MailboxKey>();
  for (let after = ""; ;) {
    const links = await listLinks(parts.db, { ...key, stands: "failed", record }, after, chunk);
    const some = links.map((link) => link.record);
    for (const mailbox of await retrySome(parts, key, some)) mailboxes.set(mailbox.mailbox, mailbox);
    records.push(...some);
    after = some.at(-1) ?? "";
    if (links.length < chunk) return { records, mailboxes: [...mailboxes.values()] };
  }
}

async function retrySome({ db, cipher, catalog }: RetryParts, key: TwoWayKey, records: readonly string[]): Promise<readonly MailboxKey[]> {
  const definition = catalog.twoWays.get(key.twoWay);
  const found = definition && findSides(catalog, definition, key.tenant);
  if (definition === undefined || found?.kind !== "found")
    throw new BelayError("API_NOT_FOUND", `Tenant "${key.tenant}" has no two-way sync "${key.twoWay}" that runs.`);
  if (records.length === 0) return [];
  // Whoever merges it tells the other side what that has to be told.
  const side = written(rulesOf(definition).creates, "b");
  const messages = records.map((record) => writeMessage({ ...key, record }, found.sides, side));
  const sealed = await sealWork(cipher, [{ messages, quarantined: [] }]);
  const mailboxes = [...new Map(messages.map(toMailboxKey).map((mailbox) => [mailbox.mailbox, mailbox])).values()];
  await db.transaction().execute(async (tx) => {
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, mailboxes);
    await wantLinks(
      tx,
      key,
      records.map((record) => ({ record, awaits: null })),
    );
  });
  return mailboxes;
}
