import { BelayError } from "@belay/sdk";
import { type FieldConflict, isSame, type SideName } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { insertEvents } from "../stream/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { type ConflictPlace, type ConflictRow, readConflicts, setDecision } from "./conflict-store.ts";
import { findSides } from "./find-sides.ts";
import { purposes } from "./purposes.ts";
import type { LinkKey } from "./types.ts";
import { writeMessage } from "./write-message.ts";

interface ConflictParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** A field that both sides have changed, and about which somebody has to decide. */
export interface ShownConflict extends LinkKey, Omit<FieldConflict, "field"> {
  readonly field: string;
  /** Who has decided; it is written soon. null: nobody has. */
  readonly decidedBy: string | null;
  /** When it was found, ISO 8601. */
  readonly at: string;
}

/** Conflicts of a tenant by two-way sync, thing and field, from behind one of them on. What can no longer be read is left out. */
export async function listConflicts(
  { db, cipher }: ConflictParts,
  filter: { readonly tenant: string; readonly twoWay?: string | undefined; readonly record?: string | undefined },
  after: ConflictPlace | undefined,
  limit: number,
): Promise<ShownConflict[]> {
  return await show(cipher, await readConflicts(db, filter, after, limit));
}

async function show(cipher: Cipher, rows: readonly ConflictRow[]): Promise<ShownConflict[]> {
  const opened = await openEach(
    cipher,
    rows.map(({ tenant, record, contents }) => ({ tenant, purpose: purposes.conflict(record), value: contents })),
  );
  return rows.flatMap(({ contents: _contents, decision: _decision, ...row }, index) => {
    const one = opened[index];
    if (one === undefined || !("bytes" in one)) return [];
    // Written where it was found, and sealed.
    const conflict = JSON.parse(Buffer.from(one.bytes).toString()) as FieldConflict;
    return [{ ...row, a: conflict.a, b: conflict.b, base: conflict.base, versions: conflict.versions }];
  });
}

/** What is to hold: what a side has, or something else. */
export type Decision = { readonly side: SideName } | { readonly value: unknown };

/**
 * Decides a conflict: both sides get the value. It is written by the next message, which this commits. Deciding anew is safe as long as that has not been done.
 *
 * @returns the mailboxes that got something to do.
 * @throws `API_NOT_FOUND` where the tenant has no such two-way sync; `TWO_WAY_DECIDED` where the conflict is no more.
 */
export async function decideConflict(
  parts: ConflictParts & { readonly catalog: Pick<Catalog, "twoWays" | "ofTenant"> },
  key: LinkKey & Pick<ConflictRow, "field">,
  decision: Decision,
  { actor }: { readonly actor: string },
): Promise<readonly MailboxKey[]> {
  const { db, cipher, catalog } = parts;
  const { tenant, twoWay, record, field } = key;
  const definition = catalog.twoWays.get(twoWay);
  const found = definition && findSides(catalog, definition, tenant);
  if (found?.kind !== "found") throw new BelayError("API_NOT_FOUND", `Tenant "${tenant}" has no two-way sync "${twoWay}".`);
  const waiting = await readConflicts(db, key, undefined, mostConflicts);
  const [conflict] = await show(
    cipher,
    waiting.filter((row) => row.field === field),
  );
  if (conflict === undefined) throw decided(key, waiting);
  const value = "side" in decision ? conflict[decision.side] : (decision.value ?? null);
  const message = writeMessage(key, found.sides, isSame(value, conflict.b) ? "a" : "b");
  const [sealed] = await cipher.seal([{ tenant, purpose: purposes.conflict(record), value: Buffer.from(JSON.stringify({ value })) }]);
  if (sealed === undefined) throw new Error("The cipher gave nothing back.");
  const works = await sealWork(cipher, [{ messages: [message], quarantined: [] }]);
  await db.transaction().execute(async (tx) => {
    await commitMessages(tx, works);
    await notifyWorkers(tx, [toMailboxKey(message)]);
    if (!(await setDecision(tx, key, sealed, actor))) throw decided(key);
    await insertEvents(tx, [{ type: "two-way.conflict-decided", tenant, flow: twoWay, actor, reference: record, data: { field } }]);
  });
  return [toMailboxKey(message)];
}

const mostConflicts = 1_000;

function decided(
  { record, field }: Pick<ConflictRow, "record" | "field">,
  waiting: readonly Pick<ConflictRow, "field">[] = [],
): BelayError {
  const others = waiting.map((one) => one.field).filter((name) => name !== field);
  const rest = others.length === 0 ? "Nothing of it does." : `What waits: ${others.join(", ")}.`;
  return new BelayError("TWO_WAY_DECIDED", `Field "${field}" of "${record}" waits for no decision. ${rest}`);
}
