import type { TwoWay } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { expectRecord, renewExpected } from "../identity/index.ts";
import { type Lease, lockLease, type Message } from "../mailbox/index.ts";
import { contended, leaseLost } from "./contention.ts";
import { doubtOlder } from "./doubt-older.ts";
import { keepMerge } from "./keep-merge.ts";
import { type HeldThing, readThing, type WriteDeskParts } from "./open-thing.ts";
import type { WriteAnswer, WriteReport, WriteRequest } from "./protocol.ts";
import { failLink, lockLink, setCreation } from "./store.ts";
import { readWriteMessage, writeEvent } from "./write-message.ts";

/** A thing to be merged, in the hands of one attempt of its message. */
export interface OpenWrite {
  readonly request: WriteRequest;
  /**
   * Takes what became of it.
   *
   * @throws `LEASE_LOST` when somebody else has the mailbox; `TWO_WAY_CONTENDED`; `TWO_WAY_TAKEN`; what the database and `Cipher` throw.
   */
  take(report: WriteReport): Promise<WriteAnswer>;
  /** Nothing more is tried. */
  fail(code: string): Promise<void>;
}

/** Where whoever merges gets things from, and says what became of them. */
export interface WriteDesk {
  /** Undefined: the message is none of a two-way sync. Null: nothing is to be done any more. */
  open(message: Message, lease: Lease): Promise<OpenWrite | null> | undefined;
}

/** Opens the desk of a process. */
export function openWriteDesk(parts: WriteDeskParts): WriteDesk {
  return {
    open: (message, lease) => {
      if (message.eventType !== writeEvent) return undefined;
      const definition = parts.catalog.twoWays.get(message.flow);
      return definition === undefined ? undefined : openThing(parts, definition, message, lease);
    },
  };
}

async function openThing(parts: WriteDeskParts, definition: TwoWay, message: Message, lease: Lease): Promise<OpenWrite | null> {
  const named = readWriteMessage(message.payload);
  if (named === undefined) return null;
  const key = { tenant: message.tenant, twoWay: definition.id, record: named.record };
  const opened = await readThing(parts, definition, key, named.side);
  // The tenant's side is another connection now, which has messages of its own.
  if (opened === undefined || opened.sides[named.side].connection !== lease.connection) return null;
  const request = await doubtOlder(parts.db, key, opened);
  const held: HeldThing = { ...key, sides: opened.sides, request, lookedSince: opened.lookedSince, definition, side: named.side, lease };
  return {
    request,
    take: (report) => take(parts, held, report),
    fail: (code) => giveUp(parts.db, held, code),
  };
}

async function take(parts: WriteDeskParts, held: HeldThing, report: WriteReport): Promise<WriteAnswer> {
  if (report.kind === "creating") return await expect(parts, held, report.data);
  if (report.kind === "uncreated") {
    await parts.db.transaction().execute(async (tx) => {
      if (!(await lockLease(tx, held.lease))) throw leaseLost();
      await setCreation(tx, held, held.request.revision, "looked");
    });
    return { kind: "kept" };
  }
  return (await keepMerge(parts, held, report)) ? { kind: "kept" } : await again(parts, held);
}

/** Whatever becomes of this attempt, it is known from now on that the record may be at the provider. */
async function expect(parts: WriteDeskParts, held: HeldThing, data: string): Promise<WriteAnswer> {
  const { tenant, twoWay, record, sides, side, lookedSince } = held;
  const { connection, resource } = sides[side];
  const [hash] = await parts.cipher.fingerprint([{ tenant, value: data }]);
  // An object, written by the thread that merged it.
  const fields = Object.keys(JSON.parse(data) as object);
  const sent = { twoWay, hash: Buffer.from(hash ?? []).toString("hex"), fields, lookedSince };
  const isKept = await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw leaseLost();
    if ((await lockLink(tx, held))?.revision !== held.request.revision) return false;
    if (!(await expectRecord(tx, { tenant, connection, resource, record }, sent))) return false;
    return await setCreation(tx, held, held.request.revision, "sent");
  });
  return isKept ? { kind: "kept" } : await again(parts, held);
}

/** Whoever else would create the thing at this side looks for it first: an attempt may have sent it. */
async function giveUp(db: Db, held: HeldThing, code: string): Promise<void> {
  const { tenant, record, sides, side, twoWay } = held;
  await db.transaction().execute(async (tx) => {
    await failLink(tx, held, code);
    await renewExpected(tx, { tenant, ...sides[side], record }, twoWay);
  });
}

async function again(parts: WriteDeskParts, held: HeldThing): Promise<WriteAnswer> {
  const opened = await readThing(parts, held.definition, held, held.side);
  if (opened === undefined) return { kind: "gone" };
  if (opened.sides[held.side].connection !== held.lease.connection) throw contended("The side is another connection now.");
  held.request = await doubtOlder(parts.db, held, opened);
  held.lookedSince = opened.lookedSince;
  return { kind: "again", request: held.request };
}
