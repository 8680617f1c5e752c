import { isSame } from "./same.ts";
import type { Fields, LinkState, SideName, SideNow, SideWrite } from "./types.ts";

/**
 * What is remembered once a write has arrived. What the side answered, or was read back, is what it made of it: where that differs from what was written, it is the side's own way of
 * writing it, and no change. Of fields that were not written it is news: somebody else has changed them since they were looked at, and the next merge tells the other side.
 *
 * @param after What the side has now.
 */
export function settleWrite(state: LinkState, side: SideName, write: SideWrite, after: SideNow): LinkState {
  if (write.kind === "delete" || after.data === null)
    return { ...state, [side]: { seen: null, told: {}, version: after.version ?? state[side]?.version ?? null } };
  const told = write.kind === "create" ? write.data : { ...state[side]?.told, ...pickFields(write.data, write.changes) };
  const seen = write.kind === "create" ? after.data : seenOf(state, side, write.changes, after.data);
  // The version of its own last change stays: ours is none of them, and must not win a conflict for it.
  return { ...state, [side]: { seen, told, version: state[side]?.version ?? after.version } };
}

/** What is merged, and was not written, stays as it was looked at. What each side has for itself, such as the time of its last change, is as it is now. */
function seenOf(state: LinkState, side: SideName, written: readonly string[], after: Fields): Fields {
  const before = state[side]?.seen ?? {};
  const news = Object.keys(state.base ?? {}).filter((field) => !written.includes(field) && !isSame(before[field], after[field]));
  return { ...after, ...pickFields(before, news) };
}

function pickFields(data: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, data[field]]));
}
