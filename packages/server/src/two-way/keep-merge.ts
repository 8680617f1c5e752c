import { BelayError, isBelayError } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import type { FieldConflict, LinkState, SideName } from "@belay/sdk/two-way";
import type { Db } from "../db/index.ts";
import { forgetExpected, mergeThings, renewExpected } from "../identity/index.ts";
import { commitMessages, lockLease, notifyWorkers, type SealedWork, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { applyPlan, findKept, findTaken, type Identify, type PagePlan, planPage, type RecordOrigin } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import { growRecords } from "../syncs/index.ts";
import { type HeldRow, replaceConflicts } from "./conflict-store.ts";
import { contended, leaseLost } from "./contention.ts";
import { otherSide } from "./find-sides.ts";
import type { HeldThing, WriteDeskParts } from "./open-thing.ts";
import type { MergedReport } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { lockLink, moveLink } from "./store.ts";
import type { MergedSide, Standing } from "./types.ts";
import { writeMessage } from "./write-message.ts";

/** Somebody else changes the very record that was written so often only by mistake. */
const mostAttempts = 5;

/**
 * Keeps what became of a thing in one transaction: what is remembered of it, its conflicts, the record that was written, and the message for the other side. Only under the lease, and only
 * if nobody else has merged it since.
 *
 * @returns whether it was kept; `undefined`: somebody else has.
 * @throws `LEASE_LOST`, `TWO_WAY_CONTENDED`, `TWO_WAY_TAKEN`, and what the database and `Cipher` throw.
 */
export async function keepMerge(parts: WriteDeskParts, held: HeldThing, report: MergedReport): Promise<true | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const prepared = await prepare(parts, held, report);
    const kept = await parts.db
      .transaction()
      .execute((tx) => write(tx, held, report, prepared))
      .catch((error: unknown) => {
        if (isBelayError(error) && error.code === "TWO_WAY_CONTENDED") return "replan" as const;
        throw error;
      });
    if (kept === "replan") continue;
    if (kept && prepared.message !== undefined) parts.onCommitted([toMailboxKey(prepared.message)]);
    return kept ? true : undefined;
  }
  throw contended("A record changes faster than it can be written down.");
}

interface Prepared {
  /** Sealed. */
  readonly state: Uint8Array;
  readonly conflicts: readonly HeldRow[];
  readonly plan: PagePlan | undefined;
  /** Of what the side has after the write, hexadecimal; null: it is deleted there. */
  readonly hash: string | null;
  readonly message: ReturnType<typeof writeMessage> | undefined;
  readonly sealed: readonly SealedWork[];
}

/** Everything that reads or seals comes before the transaction: a tenant's key may have to be read. */
async function prepare(parts: WriteDeskParts, held: HeldThing, report: MergedReport): Promise<Prepared> {
  const { cipher } = parts;
  const { tenant, record, sides, side } = held;
  const values = [
    { purpose: purposes.state(record), text: report.state },
    ...report.held.map((one) => ({ purpose: purposes.conflict(record), text: JSON.stringify(one) })),
  ];
  const [state, ...conflicts] = await cipher.seal(values.map(({ purpose, text }) => ({ tenant, purpose, value: Buffer.from(text) })));
  if (state === undefined) throw new Error("The cipher gave nothing back.");
  const message = isLeftToOther(held, report) ? writeMessage(held, sides, otherSide(side)) : undefined;
  const { wrote } = report;
  if (wrote !== undefined) await claim(parts, held, wrote);
  return {
    state,
    conflicts: report.held.map(({ field }, index) => ({ field, contents: Buffer.from(conflicts[index] ?? []).toString("hex") })),
    plan: wrote && (await planPage({ ...parts, identify: asTheThing(record) }, originOf(held), [wrote])),
    hash: wrote?.kind === "mapped" ? await hashOf(parts, tenant, wrote.data) : null,
    message,
    sealed: message === undefined ? [] : await sealWork(cipher, [{ messages: [message], quarantined: [] }]),
  };
}

/** What we created is the thing that it was made from, whatever the rules say. */
function asTheThing(record: string): Identify {
  return async (_origin, records) => ({
    ids: new Map(records.map(({ externalId }) => [externalId, record])),
    confirm: async () => true,
    keep: async () => {},
  });
}

/**
 * A walk may have been quicker, and may not have known what it found. What is another thing's is left to it: what was found by a field may be somebody else's, and of what was moved
 * while it was written somebody has said whose it is.
 */
async function claim(parts: WriteDeskParts, { tenant, record, request, sides, side, twoWay }: HeldThing, wrote: PageRecord): Promise<void> {
  if (wrote.kind !== "mapped") return;
  const [known] = await findKept(parts.db, { tenant, ...sides[side] }, [wrote.externalId]);
  if (known === undefined || known.id === record) return;
  if (request[side]?.externalId === wrote.externalId) throw contended("A record became another thing's while it was written.");
  const other = otherSide(side);
  const isThere = typeof request[other]?.data === "string";
  if (isThere && (await findTaken(parts.db, { tenant, ...sides[other] }, [known.id])).has(known.id)) throw taken(wrote.externalId);
  const merge = { tenant, survivor: record, merged: known.id, why: `It was created by the two-way sync "${twoWay}".`, actor: "belay" };
  await mergeThings(parts, merge).catch((error: unknown) => {
    // Somebody else has merged them meanwhile, or will: the version of the record says so.
    if (!isBelayError(error) || !error.code.startsWith("IDENTITY_")) throw error;
  });
}

function taken(externalId: string): BelayError {
  return new BelayError("TWO_WAY_TAKEN", `What was to be created there is "${externalId}", which is another thing's.`, { retry: "never" });
}

function originOf({ tenant, sides, side, definition, twoWay }: HeldThing): RecordOrigin {
  const { sync } = definition[side];
  const { connection, resource } = sides[side];
  return { tenant, connection, resource, model: sync.target.model, sync: twoWay, mapping: sync.mapping, walk: 0 };
}

async function hashOf({ cipher }: WriteDeskParts, tenant: string, data: string): Promise<string> {
  const [hash] = await cipher.fingerprint([{ tenant, value: data }]);
  return Buffer.from(hash ?? []).toString("hex");
}

/** Locks in the order that everybody keeps: mailboxes by their names, the link, the feed, records, the sync. */
async function write(
  tx: Db,
  held: HeldThing,
  report: MergedReport,
  { state, conflicts, plan, hash, message, sealed }: Prepared,
): Promise<boolean> {
  const { request, side, sides, tenant, lease } = held;
  const isFirst = message !== undefined && toMailboxKey(message).mailbox < lease.mailbox;
  if (isFirst) await commit(tx, message, sealed);
  if (!(await lockLease(tx, lease))) throw leaseLost();
  if (!isFirst && message !== undefined) await commit(tx, message, sealed);
  // Somebody else has merged it, or written down the record: it is merged anew, and the message, should it go out, finds nothing to do.
  const link = await lockLink(tx, held);
  if (link?.revision !== request.revision || (plan !== undefined && hasMoved(held, plan))) return false;
  const isNew = await replaceConflicts(tx, held, conflicts, report.reopened);
  const merged: Record<SideName, MergedSide> = { a: mergedOf(request.a), b: mergedOf(request.b) };
  if (plan !== undefined && report.wrote !== undefined) {
    const applied = await applyPlan(tx, plan, false);
    if (applied === undefined) throw contended("A record was changed by somebody else while it was written down.");
    merged[side] = await writtenSide(tx, held, report.wrote, hash, merged[side]);
    await forgetExpected(tx, { tenant, ...sides[side], record: held.record });
    if (applied.growth !== 0) await growRecords(tx, { tenant, ...sides[side] }, applied.growth);
  }
  // An attempt before may have sent it, and until now.
  if (report.awaits !== undefined) await renewExpected(tx, { tenant, ...sides[side], record: held.record }, held.twoWay);
  await moveLink(tx, {
    ...held,
    ...merged,
    state,
    stands: standingOf(held, report),
    awaits: report.awaits === undefined ? null : side,
    creation: null,
    code: report.awaits?.code ?? null,
  });
  if (isNew.length > 0) await tellHeld(tx, held, isNew);
  return true;
}

async function commit(tx: Db, message: ReturnType<typeof writeMessage>, sealed: readonly SealedWork[]): Promise<void> {
  await commitMessages(tx, sealed);
  await notifyWorkers(tx, [toMailboxKey(message)]);
}

/**
 * Whether a walk has kept another version of the side's record since the thing was given out. What the provider answered to the write may be older than that, and is not written over it: with
 * change tokens no walk would ever tell of it again.
 */
function hasMoved({ request, side, record }: HeldThing, { changed }: PagePlan): boolean {
  const given = request[side];
  return changed.some(({ externalId, id, previous }) => {
    // What is new, or of another thing, nobody was given.
    if (previous === null || id !== record) return false;
    if (given?.externalId === externalId) return given.position !== previous;
    return given === null || given.data === null;
  });
}

function mergedOf(record: HeldThing["request"]["a"]): MergedSide {
  return { id: record?.externalId ?? null, position: record?.position ?? null };
}

/** The version that the side's record has now, where that is what was written. Where it is newer, none of it was merged but what was before, and what differs is merged next. */
async function writtenSide(
  tx: Db,
  { tenant, sides, side }: HeldThing,
  wrote: PageRecord,
  hash: string | null,
  before: MergedSide,
): Promise<MergedSide> {
  if (wrote.externalId === null) return before;
  const [kept] = await findKept(tx, { tenant, ...sides[side] }, [wrote.externalId]);
  if (kept === undefined) return before;
  if (kept.hash === hash) return { id: wrote.externalId, position: kept.position };
  return before.id === wrote.externalId ? before : { id: wrote.externalId, position: null };
}

/** The other side has to be told something, or to be asked what it has. */
function isLeftToOther({ request, side }: HeldThing, { tellsOther }: MergedReport): boolean {
  return tellsOther || request.doubts.includes(otherSide(side));
}

function standingOf(held: HeldThing, report: MergedReport): Standing {
  if (report.held.length > 0) return "held";
  if (isLeftToOther(held, report) || report.awaits !== undefined || report.unfinished === true) return "waiting";
  // Written by the thread that merged it.
  return (JSON.parse(report.state) as LinkState).base === null ? "gone" : "equal";
}

async function tellHeld(
  tx: Db,
  { tenant, twoWay, record, sides, side }: HeldThing,
  fields: readonly FieldConflict["field"][],
): Promise<void> {
  await insertEvents(tx, [
    {
      type: "two-way.conflict-held",
      tenant,
      connection: sides[side].connection,
      flow: twoWay,
      reference: record,
      data: { fields: fields.join(", ") },
    },
  ]);
}
