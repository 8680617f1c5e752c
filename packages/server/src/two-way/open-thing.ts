import type { TwoWay } from "@belay/sdk";
import { type Fields, type LinkState, type SideName, takeAsMerged } from "@belay/sdk/two-way";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { isExpectedByOther } from "../identity/index.ts";
import type { Lease, MailboxKey } from "../mailbox/index.ts";
import { readRecord, type ShownRecord } from "../records/index.ts";
import { openSettings } from "../syncs/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { readConflicts } from "./conflict-store.ts";
import { contended } from "./contention.ts";
import { findSides, type Side, type Sides } from "./find-sides.ts";
import { pickRecord } from "./plan-turn.ts";
import type { SideRecord, WriteRequest } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { readLinks, readTwoWayRows } from "./store.ts";
import type { Creation, LinkKey, LinkRow, MergedSide } from "./types.ts";

/** What things are merged with. */
export interface WriteDeskParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly catalog: Pick<Catalog, "twoWays" | "ofTenant">;
  /** Told of the mailboxes that got something to do. */
  readonly onCommitted: (mailboxes: readonly MailboxKey[]) => void;
}

/** A thing in the hands of one attempt of its message. */
export interface HeldThing extends LinkKey {
  readonly definition: TwoWay;
  readonly sides: Sides;
  readonly side: SideName;
  readonly lease: Lease;
  /** What it was given last. */
  request: WriteRequest;
  lookedSince: string | null;
}

/** More fields of a record are not decided at once. */
const mostConflicts = 1_000;

/** A thing as it stands. */
export interface ReadThing {
  readonly sides: Sides;
  readonly request: WriteRequest;
  /** The versions of the sides' records that were merged last. */
  readonly merged: Readonly<Record<SideName, MergedSide>>;
  /** When the walk began by which it was looked for last; null: it never was. */
  readonly lookedSince: string | null;
}

/** Where a thing stands now; undefined: it is none any more, or the side is another connection's. */
export async function readThing(
  parts: Pick<WriteDeskParts, "db" | "cipher" | "catalog">,
  definition: TwoWay,
  key: LinkKey,
  side: SideName,
): Promise<ReadThing | undefined> {
  const { tenant, record } = key;
  const found = findSides(parts.catalog, definition, tenant);
  if (found.kind !== "found") return undefined;
  const { sides } = found;
  // The state before the records: what they are newer by is merged, and never the other way round.
  const link = (await readLinks(parts.db, key, [record])).get(record);
  if (link === undefined) return undefined;
  const kept = link.state === null ? null : await openText(parts.cipher, tenant, purposes.state(record), link.state);
  const rows = (await readRecord(parts, tenant, record)).map((row) => ({ ...row, hash: row.deletedAt === null ? "" : null }));
  const of = (name: SideName): SideRecord | null => toSideRecord(pickRecord(rows, sides, name, link[name]), name === side);
  const records = { a: of("a"), b: of("b") };
  const state = kept === null ? await stateOfUnmerged(parts.db, key, records) : forgetReplaced(kept, link, records);
  const request: WriteRequest = {
    record,
    side,
    state,
    ...records,
    decided: JSON.stringify(await readDecisions(parts, key, state)),
    creation: await creationOf(parts.db, key, sides[side], link),
    code: link.code,
    revision: link.revision,
    doubts: [],
    settings: JSON.stringify((await openSettings(parts, tenant, definition[side].sync.id)) ?? {}),
  };
  return { sides, request, merged: link, lookedSince: link.lookedSince };
}

/** What was looked for before another two-way sync over the same side may have created it was not looked for. */
async function creationOf(db: Db, key: LinkKey, side: Side, { creation, lookedSince }: LinkRow): Promise<Creation | null> {
  const isInDoubt = creation === "looked" && (await isExpectedByOther(db, { ...key, ...side }, { twoWay: key.twoWay, lookedSince }));
  return isInDoubt ? null : creation;
}

/**
 * What is remembered of a thing that was never merged: nothing, unless the last that is known of it is that one side has deleted it. Then both had it since the sync began, and it goes from
 * the other side too, instead of coming back.
 */
async function stateOfUnmerged(db: Db, key: LinkKey, { a, b }: Readonly<Record<SideName, SideRecord | null>>): Promise<string | null> {
  if (a === null || b === null || (a.data === null) === (b.data === null)) return null;
  const [gone, there] = a.data === null ? [a, b] : [b, a];
  const [row] = await readTwoWayRows(db, [key]);
  if (row === undefined || gone.position <= row.begun || gone.position < there.position) return null;
  return JSON.stringify(takeAsMerged(JSON.parse(there.data ?? "{}") as Fields));
}

/** A record in the place of another one has seen nothing of what was merged: it is met for the first time, and what it does not know empties nothing. */
function forgetReplaced(text: string, link: LinkRow, records: Readonly<Record<SideName, SideRecord | null>>): string {
  const isReplaced = (side: SideName): boolean => {
    const now = records[side];
    return now !== null && now.data !== null && link[side].id !== null && link[side].id !== now.externalId;
  };
  const replaced = (["a", "b"] as const).filter(isReplaced);
  // Written by the thread that merged it, and sealed.
  return replaced.length === 0
    ? text
    : JSON.stringify({ ...(JSON.parse(text) as LinkState), ...Object.fromEntries(replaced.map((side) => [side, null])) });
}

function toSideRecord(row: ShownRecord | undefined, isWritten: boolean): SideRecord | null {
  if (row === undefined) return null;
  const { externalId, data, raw, version, position, deletedAt, lineage } = row;
  if (deletedAt === null && data === null) throw contended("A record was replaced while it was read.");
  return {
    externalId,
    data: deletedAt === null ? JSON.stringify(data) : null,
    version,
    raw: isWritten && deletedAt === null ? JSON.stringify(raw) : null,
    sync: lineage.sync,
    position,
  };
}

async function readDecisions(
  { db, cipher }: Pick<WriteDeskParts, "db" | "cipher">,
  key: LinkKey,
  state: string | null,
): Promise<Readonly<Record<string, unknown>>> {
  // Written by the thread that merged it, and sealed.
  const held = state === null ? [] : (JSON.parse(state) as LinkState).held;
  if (held.length === 0) return {};
  const decided = (await readConflicts(db, key, undefined, mostConflicts)).flatMap(({ field, decision }) =>
    decision === null ? [] : [{ field, decision }],
  );
  const opened = await openEach(
    cipher,
    decided.map(({ decision }) => ({ tenant: key.tenant, purpose: purposes.conflict(key.record), value: decision })),
  );
  return Object.fromEntries(
    decided.flatMap(({ field }, index) => {
      const one = opened[index];
      // Written by `decideConflict`, and sealed.
      return one !== undefined && "bytes" in one
        ? [[field, (JSON.parse(Buffer.from(one.bytes).toString()) as { readonly value: unknown }).value]]
        : [];
    }),
  );
}

/** Null: the tenant's keys were destroyed. Should its systems be read again, both sides meet for the first time; else each thing would fail for ever. */
async function openText(cipher: Cipher, tenant: string, purpose: string, value: Uint8Array): Promise<string | null> {
  const [text] = await cipher.open([{ tenant, purpose, value }]);
  return text === undefined ? null : Buffer.from(text).toString();
}
