import { ordinal } from "../kernel/describe-history.ts";
import { describeFault, describeShape } from "../sync/describe-history.ts";
import { type Side, sideNames, type TwoWayHistory, type TwoWaySetting, type TwoWayStep } from "./steps.ts";

/** A history in words, one line a step. */
export function describeTwoWayHistory({ setting, steps }: TwoWayHistory): string[] {
  return [
    ...describeSetting(setting),
    ...steps.map((step) => `step ${step.number}, at ${(step.atMs / 1_000).toFixed(3)} s: ${describe(step)}`),
  ];
}

function describeSetting(setting: TwoWaySetting): string[] {
  const { processes, persons, nameless, everySeconds, statementMs, rule, note, phone, deletes } = setting;
  return [
    `${processes} ${processes === 1 ? "process" : "processes"} of Belay; ${persons} persons to begin with${nameless ? ", some without an address" : ""}, synced every ${everySeconds} s; statements take up to ${statementMs} ms each way.`,
    `Conflicts go to ${rule}, the note is of ${note}, the phone number of ${phone}; deletions of ${deletes} are followed.`,
    ...sideNames.map((side) => `Side ${side}: ${describeSide(setting, side)}.`),
  ];
}

function describeSide(setting: TwoWaySetting, side: Side): string {
  const { shape, manner, versioned, create, whole, unique } = setting[side];
  return [
    describeShape(shape),
    `writes ${manner}`,
    versioned ? "with versions" : "without versions",
    `creates by ${create}${unique ? ", an address once" : ""}`,
    ...(whole ? ["takes whole records"] : []),
  ].join("; ");
}

function describe(step: TwoWayStep): string {
  switch (step.kind) {
    case "edit": {
      const what = step.what === "update" ? `changes ${step.fields.join(", ")} of` : `${step.what}s`;
      return `somebody at ${step.side} ${what} person ${step.person} (after the ${ordinal(step.skip)} request from then on)`;
    }
    case "forget":
      return `cursors${step.tokens ? " and tokens" : ""} of ${step.side} expire (after the ${ordinal(step.skip)} request from then on)`;
    case "run":
      return step.full ? `somebody wants all of ${step.side} to be read` : `somebody wants ${step.side} to be read now`;
    case "decide":
      return `somebody decides a conflict: ${step.as === "else" ? "something else" : `as ${step.as} has it`}`;
    default:
      return describeFault(step);
  }
}
