import type { LinkState, SideName } from "@belay/sdk/two-way";
import type { Db } from "../db/index.ts";
import { hasBegunWithin } from "../syncs/index.ts";
import { otherSide } from "./find-sides.ts";
import type { ReadThing } from "./open-thing.ts";
import type { SideRecord, WriteRequest } from "./protocol.ts";
import type { LinkKey, MergedSide } from "./types.ts";

const names: readonly SideName[] = ["a", "b"];

/**
 * Notes which side's record may be older than what was merged of it: a walk that had begun before that was merged has kept another version since, and its page may have been on its way while
 * we wrote. Taken at its word it would be that side's own change, and undo what the other side has changed.
 *
 * The side itself is asked for its record before anything is merged. Whoever works at the other side has no way to ask: they merge what was merged before, and leave the rest to those who do.
 */
export async function doubtOlder(db: Db, key: LinkKey, { sides, request, merged }: ReadThing): Promise<WriteRequest> {
  const doubts: SideName[] = [];
  for (const name of names) {
    const { sync, connection } = sides[name];
    if (await mayBeOlder(db, { tenant: key.tenant, sync, connection }, request[name], merged[name])) doubts.push(name);
  }
  const other = otherSide(request.side);
  return { ...request, doubts, ...(doubts.includes(other) && { [other]: asMerged(request, other, merged[other]) }) };
}

async function mayBeOlder(
  db: Db,
  sync: Parameters<typeof hasBegunWithin>[1],
  now: SideRecord | null,
  merged: MergedSide,
): Promise<boolean> {
  if (now === null || merged.position === null || now.position <= merged.position || now.externalId !== merged.id) return false;
  // What was kept by somebody else than a walk, by another two-way sync say, was an answer to a write.
  if (now.sync !== sync.sync) return false;
  return !(await hasBegunWithin(db, sync, { from: merged.position, until: now.position }));
}

function asMerged({ state: text }: WriteRequest, side: SideName, { id, position }: MergedSide): SideRecord | null {
  // Written by whoever merged it, and sealed.
  const state = text === null ? null : (JSON.parse(text) as LinkState)[side];
  if (state === null || id === null || position === null) return null;
  return {
    externalId: id,
    data: state.seen === null ? null : JSON.stringify(state.seen),
    version: state.version,
    raw: null,
    sync: null,
    position,
  };
}
