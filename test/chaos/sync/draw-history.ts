import { seededRandom, seedFor } from "@belay/testkit";
import { Dice } from "../kernel/dice.ts";
import { databaseFaults, requestFaults } from "../kernel/steps.ts";
import { drawMorePlots, drawPlot } from "./draw-plot.ts";
import { editKinds, type Fault, type Shape, type SyncAction, type SyncHistory, type SyncSetting, type SyncStep } from "./steps.ts";

/** Edits and faults are spread over this time, ms. */
const spreadMs = 30_000;

/** Draws a history. The same seed gives the same one. */
export function drawSyncHistory(seed: number): SyncHistory {
  const dice = new Dice(seededRandom(seedFor(seed, "syncs")));
  const drawn: SyncSetting = {
    processes: dice.chance(0.6) ? 2 : 1,
    skewMs: [0, dice.between(-400, 400)],
    shape: drawShape(dice),
    records: dice.pick([0, 4, 12, 12, 25, 40]),
    versioned: dice.chance(0.5),
    everySeconds: dice.pick([8, 15]),
    statementMs: dice.pick([2, 2, 15]),
  };
  const plot = drawPlot(dice, drawn);
  // By numbers of their own, so that the other histories stay what they are.
  const own = new Dice(seededRandom(seedFor(seed, "walks that linger")));
  const { setting, steps } = plot.steps.length > 0 ? plot : drawMorePlots(own, drawn);
  const timed = [
    ...steps,
    ...times(dice.between(3, 9), () => ({ ...drawEdit(dice), atMs: dice.between(0, spreadMs) })),
    ...times(dice.between(0, 3), () => ({ ...drawWish(dice), atMs: dice.between(0, spreadMs) })),
    ...times(dice.between(1, 5), () => ({ ...drawFault(dice, setting), atMs: dice.between(0, spreadMs) })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  return { seed, setting, steps: timed.map((step, number): SyncStep => ({ ...step, number })) };
}

/**
 * Providers whose listings can be told from their declarations. Who gives out tokens for changes gives out cursors for pages: a listing that counts its pages has no one
 * moment that a token could stand for.
 */
export function drawShape(dice: Dice): Shape {
  const changes = dice.pick(["none", "field", "field", "token"] as const);
  const paging = changes === "token" ? dice.pick(["cursor", "link-token"] as const) : dice.pick(pagings);
  const size = dice.between(3, 12);
  return {
    paging,
    end: dice.pick(["total", "more", "empty"]),
    order: dice.pick(["oldest", "oldest", "newest", "changed"]),
    size,
    cap: dice.chance(0.3) ? dice.between(1, size) : size,
    sized: dice.chance(0.8),
    changes,
    deletions: changes === "token" ? "tombstone" : changes === "none" ? "none" : dice.pick(["none", "tombstone", "listing"]),
    hops: dice.chance(0.4),
    holes: dice.chance(0.2),
    lies: dice.chance(0.15),
    lateMs: dice.pick([0, 500, 1_500]),
    stepMs: dice.pick([1, 1_000]),
    above: dice.chance(0.3),
  };
}

const pagings = ["offset", "page", "link-page", "link-token", "cursor", "keyset"] as const;

function drawEdit(dice: Dice): SyncAction {
  const what = dice.chance(0.2) ? "create" : dice.pick(editKinds);
  return { kind: "edit", what, row: dice.between(0, 60), count: dice.pick([1, 1, 2, 5]), skip: dice.between(0, 6) };
}

function drawWish(dice: Dice): SyncAction {
  return dice.pick<() => SyncAction>([
    () => ({ kind: "run", full: dice.chance(0.5) }),
    () => ({ kind: "run", full: dice.chance(0.5) }),
    () => ({ kind: "pause", forMs: dice.between(500, 12_000) }),
    () => ({ kind: "decide", approves: dice.chance(0.7) }),
  ])();
}

/** Draws what goes wrong. */
export function drawFault(dice: Dice, { processes }: Pick<SyncSetting, "processes">): Fault | Extract<SyncAction, { kind: "forget" }> {
  const process = dice.between(0, processes - 1);
  return dice.pick<() => Fault | Extract<SyncAction, { kind: "forget" }>>([
    () => requestFault(dice),
    () => requestFault(dice),
    () => ({ kind: "forget", tokens: dice.chance(0.4), skip: dice.between(0, 5) }),
    () => ({ kind: "forget", tokens: dice.chance(0.4), skip: dice.between(0, 5) }),
    () => ({
      kind: "outage",
      tenant: "acme",
      target: "zendesk",
      forMs: dice.between(500, 20_000),
      as: dice.pick(["unavailable", "refused"]),
    }),
    () => ({ kind: "crash", process, skip: dice.between(0, 60), downMs: dice.pick([10, 1_000, 8_000]) }),
    () => ({ kind: "crash", process, skip: dice.between(0, 60), downMs: dice.pick([10, 1_000, 8_000]) }),
    () => ({ kind: "crash", process, skip: dice.between(0, 60), downMs: dice.pick([10, 1_000, 8_000]) }),
    () => ({ kind: "standstill", process, skip: dice.between(0, 60), forMs: dice.pick([3_000, 22_000]) }),
    () => ({ kind: "deployment", process }),
    () => ({ kind: "database-fault", process, what: dice.pick(databaseFaults), skip: dice.between(0, 50) }),
    () => ({ kind: "database-fault", process, what: dice.pick(databaseFaults), skip: dice.between(0, 50) }),
    () => jump(dice, process),
  ])();
}

function requestFault(dice: Dice): Fault {
  return { kind: "request-fault", what: dice.pick(requestFaults), skip: dice.between(0, 8) };
}

/** By less than the lookback, in all: what a clock may be wrong by is part of what a connector declares. */
function jump(dice: Dice, process: number): Fault {
  const clock = dice.pick(["all", "database", "process"] as const);
  const byMs = { all: [-800, 5_000, 3 * 3_600_000], database: [-800, 1_000], process: [-500, 1_000] }[clock];
  return { kind: "clock-jump", clock, process, byMs: dice.pick(byMs) };
}

function times<Item>(count: number, draw: () => Item): Item[] {
  return Array.from({ length: count }, () => draw());
}
