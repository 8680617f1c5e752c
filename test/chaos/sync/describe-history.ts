import { describeStep, ordinal } from "../kernel/describe-history.ts";
import type { Fault, Shape, SyncHistory, SyncSetting, SyncStep } from "./steps.ts";

/** A history in words, one line a step. */
export function describeSyncHistory({ setting, steps }: SyncHistory): string[] {
  return [
    ...describeSetting(setting),
    ...steps.map((step) => `step ${step.number}, at ${(step.atMs / 1_000).toFixed(3)} s: ${describe(step)}`),
  ];
}

function describeSetting({ processes, records, versioned, everySeconds, statementMs, shape }: SyncSetting): string[] {
  const version = versioned ? "with versions of the source" : "without versions";
  return [
    `${processes === 1 ? "One process" : `${processes} processes`} of Belay; ${records} records to begin with, synced every ${everySeconds} s, ${version}; statements take up to ${statementMs} ms each way.`,
    `The provider: ${describeShape(shape)}.`,
  ];
}

/** A fault in words. */
export function describeFault(step: Fault & Pick<SyncStep, "number" | "atMs">): string {
  if (step.kind !== "outage") return describeStep(step);
  return `the provider ${step.as === "refused" ? "refuses connections" : "answers 503"} for ${step.forMs} ms`;
}

/** A provider in words. */
export function describeShape(shape: Shape): string {
  const { paging, end, order, size, cap, sized, changes, deletions, hops, holes, lies, lateMs, stepMs, above } = shape;
  const isCounted = paging === "offset" || paging === "page";
  return [
    `pages by ${paging}${isCounted ? `, whose end is told by ${end}` : ""}`,
    `${order} first`,
    `${size} a page${cap < size ? `, of which it gives ${cap}` : ""}${sized ? "" : ", whatever is asked for"}`,
    changes === "none" ? "nothing told of changes" : `changes by ${changes}, deletions by ${deletions}`,
    ...(changes === "field" ? [`up to ${lateMs} ms late in steps of ${stepMs} ms${above ? ", the time itself left out" : ""}`] : []),
    ...(hops ? ["to be had from a value on"] : []),
    ...(holes ? ["with empty pages"] : []),
    ...(lies ? ["with wrong totals"] : []),
  ].join("; ");
}

function describe(step: SyncStep): string {
  switch (step.kind) {
    case "edit":
      return `${step.what} ${step.count}, from record ${step.row} on (after the ${ordinal(step.skip)} request from then on)`;
    case "forget":
      return `cursors${step.tokens ? " and tokens" : ""} given out so far expire (after the ${ordinal(step.skip)} request from then on)`;
    case "run":
      return step.full ? "somebody wants everything to be read" : "somebody wants the sync to run now";
    case "pause":
      return `somebody pauses the sync for ${step.forMs} ms`;
    case "decide":
      return `somebody ${step.approves ? "approves" : "refuses"} the deletes that wait`;
    default:
      return describeFault(step);
  }
}
