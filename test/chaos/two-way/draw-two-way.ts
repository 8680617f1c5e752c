import { seededRandom, seedFor } from "@belay/testkit";
import { Dice } from "../kernel/dice.ts";
import { drawFault, drawShape } from "../sync/draw-history.ts";
import { drawTwoWayPlot } from "./draw-two-way-plot.ts";
import {
  editKinds,
  type FieldName,
  fieldNames,
  sideNames,
  type SideSetting,
  type TwoWayAction,
  type TwoWayEdit,
  type TwoWayHistory,
  type TwoWaySetting,
  type TwoWayStep,
} from "./steps.ts";

/** Edits and faults are spread over this time, ms. */
const spreadMs = 40_000;

/** Draws a history. The same seed gives the same one. */
export function drawTwoWayHistory(seed: number): TwoWayHistory {
  const dice = new Dice(seededRandom(seedFor(seed, "two-way")));
  const drawn = drawSetting(dice);
  // By numbers of their own, so that histories without a plot stay what they are.
  const plot = drawTwoWayPlot(new Dice(seededRandom(seedFor(seed, "strangers and two hands"))), drawn);
  const { setting, steps, isCalm } = plot ?? { setting: drawn, steps: [], isCalm: false };
  const at = <Action>(action: Action): Action & { readonly atMs: number } => ({ ...action, atMs: dice.between(0, spreadMs) });
  const timed = [
    ...steps,
    ...times(isCalm ? 1 : dice.between(3, 8), () => at(drawEdit(dice, setting))),
    ...times(isCalm ? 0 : dice.between(0, 4), () => drawBoth(dice, setting, dice.between(0, spreadMs))).flat(),
    ...times(dice.between(0, 3), () => at(drawWish(dice))),
    ...(isCalm ? [] : times(dice.between(1, 5), () => at(drawTrouble(dice, setting)))),
  ].toSorted((one, other) => one.atMs - other.atMs);
  return { seed, setting, steps: timed.map((step, number): TwoWayStep => ({ ...step, number })) };
}

function drawSetting(dice: Dice): TwoWaySetting {
  const [a, b] = [drawSide(dice), drawSide(dice)];
  const note = dice.pick(["both", "both", "both", "each", "a"] as const);
  const phone = dice.pick(["both", "both", "both", "a", "b"] as const);
  // What is written its own way, or not as a whole, does not look as was expected; without an address nobody could know it again.
  const isKnown = note === "both" && phone === "both" && [a, b].every(({ manner }) => manner === "as-given");
  return {
    processes: dice.chance(0.6) ? 2 : 1,
    skewMs: [0, dice.between(-400, 400)],
    statementMs: dice.pick([2, 2, 15]),
    everySeconds: dice.pick([8, 15]),
    a,
    b,
    persons: dice.between(3, 9),
    nameless: isKnown && dice.chance(0.7),
    rule: dice.pick(["newest", "newest", "a", "b", "queue", "larger"]),
    note,
    phone,
    deletes: dice.pick(["both", "both", "both", "a", "none"]),
  };
}

function drawSide(dice: Dice): SideSetting {
  const shape = drawShape(dice);
  return {
    shape: { ...shape, lies: false, sized: true, cap: Math.max(2, shape.cap) },
    manner: dice.pick(["as-given", "as-given", "upper-name", "plain-phone", "short-note"]),
    versioned: dice.chance(0.6),
    create: dice.pick(["key", "readBack", "once"]),
    whole: dice.chance(0.3),
    unique: dice.chance(0.5),
  };
}

function drawEdit(dice: Dice, { persons }: TwoWaySetting): TwoWayEdit {
  return {
    kind: "edit",
    side: dice.pick(sideNames),
    what: dice.pick(["update", "update", "update", ...editKinds]),
    person: dice.between(0, persons + 2),
    fields: drawFields(dice),
    skip: dice.between(0, 6),
  };
}

/** The same person at both sides, with little or nothing between. */
function drawBoth(dice: Dice, setting: TwoWaySetting, atMs: number): (TwoWayEdit & { readonly atMs: number })[] {
  const first = drawEdit(dice, setting);
  const what = dice.pick(["update", "update", "create", "create", "delete"] as const);
  const person = what === "create" ? setting.persons + dice.between(0, 4) : first.person;
  const fields = dice.chance(0.6) ? first.fields : drawFields(dice);
  const other = what === "delete" ? dice.pick(["update", "delete"] as const) : what;
  return [
    { ...first, what, person, side: "a", atMs },
    { ...first, what: other, person, side: "b", fields, skip: first.skip + dice.between(0, 3), atMs },
  ];
}

function drawFields(dice: Dice): FieldName[] {
  const fields = fieldNames.filter(() => dice.chance(0.45));
  return fields.length === 0 ? [dice.pick(fieldNames)] : fields;
}

function drawWish(dice: Dice): TwoWayAction {
  if (dice.chance(0.5)) return { kind: "decide", which: dice.between(0, 5), as: dice.pick(["a", "b", "else"]) };
  return { kind: "run", side: dice.pick(sideNames), full: dice.chance(0.4) };
}

function drawTrouble(dice: Dice, setting: TwoWaySetting): TwoWayAction {
  const fault = drawFault(dice, setting);
  return fault.kind === "forget" ? { ...fault, side: dice.pick(sideNames) } : fault;
}

function times<Item>(count: number, draw: () => Item): Item[] {
  return Array.from({ length: count }, () => draw());
}
