import type { Dice } from "../kernel/dice.ts";
import type { RequestFault } from "../kernel/steps.ts";
import type { Shape } from "../sync/steps.ts";
import { type FieldName, type Side, sideNames, type SideSetting, type TwoWayAction, type TwoWayEdit, type TwoWaySetting } from "./steps.ts";

type Timed = TwoWayAction & { readonly atMs: number };

/** A setting, and steps that go with it; the others are drawn as for every history. */
export interface TwoWayPlot {
  readonly setting: TwoWaySetting;
  readonly steps: readonly Timed[];
  /** Nothing goes wrong in it but what its own steps say. */
  readonly isCalm: boolean;
}

/** Draws what chance alone would hardly ever bring together. Six of ten histories have no such plot. */
export function drawTwoWayPlot(dice: Dice, setting: TwoWaySetting): TwoWayPlot | undefined {
  return dice.chance(0.4) ? dice.pick([strangers, twoHands])(dice, setting) : undefined;
}

/**
 * Persons by whom there is nothing to know them again come to be at one side, and the answer to the create at the other is lost: only who remembers what was sent knows the record that a
 * walk finds there then.
 */
function strangers(dice: Dice, setting: TwoWaySetting): TwoWayPlot {
  const side = (of: Side): SideSetting => ({ ...setting[of], shape: oneLook(setting[of].shape), manner: "as-given", create: "once" });
  // Every fourth person has no address.
  const person = (number: number): number => 4 * number + 3;
  const times = [3_000, 12_000, 21_000, 30_000].map((atMs) => atMs + dice.between(0, 4_000));
  return {
    setting: { ...setting, a: side("a"), b: side("b"), persons: 3, nameless: true, note: "both", phone: "both" },
    steps: times.flatMap((atMs, number): Timed[] => {
      const at = dice.pick(sideNames);
      return [
        { ...edit(at, "create", person(number), [], 0), atMs },
        ...runs(atMs + 50),
        ...runs(atMs + 1_000),
        // Two looks, and the request behind them: one of the next ones is the create.
        ...lose(dice, dice.between(2, 6), atMs + 1_000),
        ...runs(atMs + 4_000),
      ];
    }),
    isCalm: false,
  };
}

/**
 * A person changes at both sides, in one field each, and at a in a third one while b is being written: so that what b has to be told next is written at the same time as what a has to be
 * told. One request is on its way for long, and meanwhile somebody changes at a what has just been brought there, knowing it.
 */
function twoHands(dice: Dice, setting: TwoWaySetting): TwoWayPlot {
  const side = (of: Side): SideSetting => ({ ...setting[of], shape: oneLook(setting[of].shape) });
  const times = [6_000, 16_000, 26_000].map((atMs) => atMs + dice.between(0, 4_000));
  return {
    setting: {
      ...setting,
      a: side("a"),
      b: side("b"),
      persons: 7,
      everySeconds: 15,
      statementMs: 2,
      // Who takes a's change for one that knew nothing of b's takes b's.
      rule: "b",
      note: "both",
      phone: "both",
    },
    steps: times.flatMap((atMs, round): Timed[] => {
      // Of those who are at both sides from the beginning.
      const person = 3 * round;
      const [one, brought, third] = dice.pick<readonly [FieldName, FieldName, FieldName]>([
        ["name", "note", "phone"],
        ["phone", "name", "note"],
        ["note", "phone", "name"],
      ]);
      const read = atMs + 1_500;
      return [
        { ...edit("a", "update", person, [one], 0), atMs },
        { ...edit("b", "update", person, [brought], 0), atMs },
        ...runs(atMs + 50),
        ...runs(read),
        // Behind two looks, and read by the third.
        { ...edit("a", "update", person, [third], 1), atMs: read },
        { kind: "run", side: "a", full: false, atMs: read + dice.between(230, 270) },
        // Of the two looks, the first write to b with its read, the third look, and the two writes with their reads: one of the latter.
        { kind: "request-fault", what: "slow", skip: dice.between(5, 7), atMs: read },
        { ...edit("a", "update", person, [brought], 6), atMs: read },
        { ...edit("a", "update", person, [brought], 7), atMs: read },
        ...runs(read + 650),
        ...runs(read + 900),
      ];
    }),
    isCalm: true,
  };
}

/** One request reads what has changed, so that those behind it can be counted. */
function oneLook(shape: Shape): Shape {
  return { ...shape, paging: "cursor", order: "oldest", size: 12, cap: 12, holes: false, changes: "token", deletions: "tombstone" };
}

function lose(dice: Dice, skip: number, atMs: number): Timed[] {
  const what = dice.pick<RequestFault>(["answer-lost", "answer-lost", "error-after-commit"]);
  return [{ kind: "request-fault", what, skip, atMs }];
}

/** Somebody wants both sides to be read. */
function runs(atMs: number): Timed[] {
  return sideNames.map((side) => ({ kind: "run", side, full: false, atMs }));
}

function edit(side: Side, what: TwoWayEdit["what"], person: number, fields: readonly FieldName[], skip: number): TwoWayEdit {
  return { kind: "edit", side, what, person, fields, skip };
}
