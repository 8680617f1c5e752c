import type { LinkState, SideName, SideNow, SideWrite } from "./types.ts";

/**
 * What is remembered once a write has arrived. What the side answered, or was read back, is what it made of it: where that differs from what was written, it is the side's own way of
 * writing it, and no change.
 *
 * @param after What the side has now.
 */
export function settleWrite(state: LinkState, side: SideName, write: SideWrite, after: SideNow): LinkState {
  if (write.kind === "delete" || after.data === null)
    return { ...state, [side]: { seen: null, told: {}, version: after.version ?? state[side]?.version ?? null } };
  const told = write.kind === "create" ? write.data : { ...state[side]?.told, ...pickFields(write.data, write.changes) };
  // The version of its own last change stays: ours is none of them, and must not win a conflict for it.
  return { ...state, [side]: { seen: after.data, told, version: state[side]?.version ?? after.version } };
}

function pickFields(data: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, data[field]]));
}
