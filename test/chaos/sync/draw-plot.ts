import type { Dice } from "../kernel/dice.ts";
import type { EditKind, Shape, SyncAction, SyncSetting } from "./steps.ts";

/** A setting, and steps that go with it; the others are drawn as for every history. */
export interface Plot {
  readonly setting: SyncSetting;
  readonly steps: readonly (SyncAction & { readonly atMs: number })[];
}

/** Draws what chance alone would hardly ever bring together. Half of the histories have no such plot. */
export function drawPlot(dice: Dice, setting: SyncSetting): Plot {
  return dice.chance(0.5) ? dice.pick([drift, hold, takeBack])(dice, setting) : { setting, steps: [] };
}

/** Half of those without a plot get one after all. */
export function drawMorePlots(dice: Dice, setting: SyncSetting): Plot {
  if (dice.chance(0.25)) return linger(dice, setting);
  return dice.chance(0.33) ? takeBack(dice, setting) : { setting, steps: [] };
}

/** Pages that are counted and cannot be made to overlap; deletions before the place that a walk has reached make it leave out records, and it can prove nothing. */
function drift(dice: Dice, setting: SyncSetting): Plot {
  // One record a page leaves nothing to overlap with.
  const sized = dice.chance(0.4);
  const size = sized ? 1 : dice.between(2, 4);
  const shape: Shape = {
    ...setting.shape,
    paging: dice.pick(sized ? ["offset", "page"] : ["offset", "page", "link-page"]),
    order: dice.pick(["oldest", "newest"]),
    size,
    cap: size,
    sized,
    changes: "none",
    deletions: "none",
    lies: false,
  };
  const deletion = (atMs: number) => ({ ...edit("delete", dice.between(0, 5), dice.between(1, 2), dice.between(0, 2)), atMs });
  const times = [0, 8_000, 14_000, 20_000].map((atMs) => atMs + dice.between(0, 6_000));
  return { setting: { ...setting, shape, records: sized ? 8 : 14, everySeconds: 8 }, steps: times.map(deletion) };
}

/** Many records are deleted, without a word or by name, so that somebody has to approve it; walks through changes go on meanwhile. */
function hold(dice: Dice, setting: SyncSetting): Plot {
  const atMs = dice.between(1_000, 8_000);
  const records = dice.pick([25, 40]);
  const shape: Shape = {
    ...setting.shape,
    ...(setting.shape.changes === "token" && { paging: "offset", order: "oldest" }),
    changes: "field",
    deletions: records === 25 ? "none" : "tombstone",
    sized: true,
  };
  return {
    setting: { ...setting, shape, records },
    steps: [
      { ...edit("delete", dice.between(0, 40), dice.between(12, 24), 0), atMs },
      { kind: "run", full: true, atMs: atMs + dice.between(2_000, 6_000) },
      { kind: "decide", approves: dice.chance(0.7), atMs: dice.between(26_000, 34_000) },
    ],
  };
}

/**
 * Records change and change back while a walk goes through changes: what its second page says, the third takes back, and with a slow database the first is still being written. Seldom with
 * versions: whoever took the third page for unchanged would still move them, and find out that the second has been written meanwhile.
 */
function takeBack(dice: Dice, setting: SyncSetting): Plot {
  const size = dice.between(2, 4);
  const shape: Shape = {
    ...setting.shape,
    paging: dice.pick(["cursor", "link-token"]),
    size,
    cap: size,
    sized: true,
    holes: false,
    changes: "token",
    deletions: "tombstone",
  };
  // The first walk has nothing to read, and lets the first edit strike; the second reads what it has changed, and the other strikes between two of its pages.
  const waver = (atMs: number): Plot["steps"] => {
    const row = dice.between(0, 8);
    return [
      { ...edit("update", row, 2 * size + 1, 0), atMs },
      { ...edit("take-back", row + size, size, 2), atMs },
      { kind: "run", full: false, atMs: atMs + 50 },
      { kind: "run", full: false, atMs: atMs + dice.between(1_500, 3_000) },
    ];
  };
  return {
    setting: { ...setting, shape, records: 25, versioned: setting.versioned && dice.chance(0.3), statementMs: 15 },
    steps: [2_000, 10_000, 18_000].flatMap((atMs) => waver(atMs + dice.between(0, 4_000))),
  };
}

/** A walk waits for an answer for longer than the lookback reaches, and records that it has read change meanwhile: it may not count as having seen what is as old as its end. */
function linger(dice: Dice, setting: SyncSetting): Plot {
  const size = dice.between(2, 4);
  const shape: Shape = {
    ...setting.shape,
    paging: "cursor",
    order: "oldest",
    size,
    cap: size,
    sized: true,
    holes: false,
    changes: "field",
    deletions: dice.pick(["none", "tombstone"]),
  };
  return {
    setting: { ...setting, shape, records: 25 },
    steps: [
      { ...edit("update", 0, size, dice.between(1, 2)), atMs: 0 },
      ...[4, 5].map((skip) => ({ kind: "request-fault", what: "no-answer", skip, atMs: 0 }) as const),
    ],
  };
}

function edit(what: EditKind, row: number, count: number, skip: number): Extract<SyncAction, { kind: "edit" }> {
  return { kind: "edit", what, row, count, skip };
}
