import type { TwoWay } from "@belay/sdk";
import { rulesOf } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { readHeads } from "../feed/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { readRowsAt } from "../records/index.ts";
import type { Cipher } from "../vault/index.ts";
import { findSides, type Sides } from "./find-sides.ts";
import { planTurn, type TurnPlan } from "./plan-turn.ts";
import { dropLinks, moveTwoWay, readLinks, readTwoWayRows, type TwoWayRow, wantLinks } from "./store.ts";
import type { TwoWayKey } from "./types.ts";
import { writeMessage } from "./write-message.ts";

export interface TurnParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly catalog: Pick<Catalog, "twoWays" | "ofTenant">;
}

/** What came of a turn. */
export interface Turn {
  readonly mailboxes: readonly MailboxKey[];
  /** `taken`: another process was at it. `moved`: another process has put it between other connections than this one knows. */
  readonly then: "end" | "more" | "taken" | "moved";
}

/** So many changes are looked at in one turn. */
const chunk = 500;
const nothing: Turn = { mailboxes: [], then: "end" };

/**
 * Looks at what comes next in a tenant's feed, and commits the messages by which it is merged together with the place that was reached: nothing is looked at twice, nothing is left out, in
 * whatever process. What somebody else is looking at just now is left to them.
 */
export async function takeTurn(parts: TurnParts, key: TwoWayKey): Promise<Turn> {
  const { db, catalog } = parts;
  const twoWay = catalog.twoWays.get(key.twoWay);
  const found = twoWay && findSides(catalog, twoWay, key.tenant);
  const [row] = await readTwoWayRows(db, [key]);
  if (twoWay === undefined || found?.kind !== "found" || row === undefined) return nothing;
  const { sides } = found;
  // Whoever knows those looks on: moved by this one, it would have passed over all that concerns them.
  if (row.a !== sides.a.connection || row.b !== sides.b.connection) return { mailboxes: [], then: "moved" };
  // As of one moment: of what is merged meanwhile, record and thing are seen as they were before, or both as they are after.
  const seen = await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute((tx) => lookOn(tx, row, twoWay, sides));
  if (seen === undefined) return nothing;
  const { plan, to, isFull } = seen;
  if (!(await keepTurn(parts, row, sides, plan, to))) return { mailboxes: [], then: "taken" };
  return { mailboxes: mailboxesOf(key, sides, plan), then: isFull ? "more" : "end" };
}

const empty: TurnPlan = { links: [], messages: [], dropped: [] };

interface Seen {
  readonly plan: TurnPlan;
  readonly to: number;
  /** There may be more behind it. */
  readonly isFull: boolean;
}

/** Undefined: nothing is new. */
async function lookOn(tx: Db, row: TwoWayRow, twoWay: TwoWay, sides: Sides): Promise<Seen | undefined> {
  const heads = await readHeads(tx, row.tenant, row.position, chunk);
  const last = heads.at(-1);
  if (last === undefined) return undefined;
  const { model } = twoWay.a.sync.target;
  const connections = new Set([sides.a.connection, sides.b.connection]);
  // Of a thing that was merged into another nothing is left but its name, and no connection.
  const ours = heads.filter((head) => head.model === model && (head.connection === null || connections.has(head.connection)));
  const changed = [...new Set(ours.map(({ record }) => record))];
  const plan = changed.length === 0 ? empty : await planOf(tx, row, twoWay, sides, changed);
  return { plan, to: last.position, isFull: heads.length === chunk };
}

async function planOf(tx: Db, key: TwoWayKey, twoWay: TwoWay, sides: Sides, changed: readonly string[]): Promise<TurnPlan> {
  const [records, links] = [await readRowsAt(tx, key.tenant, changed, [sides.a, sides.b]), await readLinks(tx, key, changed)];
  return planTurn({ sides, rules: rulesOf(twoWay), changed, records, links });
}

function mailboxesOf(key: TwoWayKey, sides: Sides, { messages }: TurnPlan): MailboxKey[] {
  const keys = messages.map(({ record, side }) => toMailboxKey(writeMessage({ ...key, record }, sides, side)));
  return [...new Map(keys.map((mailbox) => [mailbox.mailbox, mailbox])).values()];
}

/** Locks in the order that everybody keeps: the two-way sync, mailboxes, links. @returns whether the turn was this process's. */
async function keepTurn({ db, cipher }: TurnParts, row: TwoWayRow, sides: Sides, plan: TurnPlan, to: number): Promise<boolean> {
  const messages = plan.messages.map(({ record, side }) => writeMessage({ ...row, record }, sides, side));
  // Sealed before the transaction: a tenant's key may have to be read.
  const sealed = messages.length === 0 ? [] : await sealWork(cipher, [{ messages, quarantined: [] }]);
  return await db.transaction().execute(async (tx) => {
    if (!(await moveTwoWay(tx, row, to))) return false;
    if (sealed.length > 0) {
      await commitMessages(tx, sealed);
      await notifyWorkers(tx, mailboxesOf(row, sides, plan));
    }
    if (plan.links.length > 0) await wantLinks(tx, row, plan.links);
    if (plan.dropped.length > 0) await dropLinks(tx, row, plan.dropped);
    return true;
  });
}
