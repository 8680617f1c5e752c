import type { PageRecord } from "@belay/sdk/sync";
import { type Fields, type LinkState, type MergeResult, mergeSides, rulesOf } from "@belay/sdk/two-way";
import type { MergedReport } from "../two-way/index.ts";
import type { Thing } from "./merged-thing.ts";
import type { WriteParts } from "./run-write.ts";

/** A thing that was merged, and how that is told. */
export interface Merge {
  readonly result: MergeResult;
  /** @param wrote As the provider has this side's record, where that was heard in this run. */
  report(state: LinkState, wrote: PageRecord | undefined): MergedReport;
}

/** Merges a thing as it stands in this run, by the rules of its two-way sync. */
export function mergeThing({ request, state, a, b }: Thing, { twoWay, enter }: Pick<WriteParts, "twoWay" | "enter">): Merge {
  const decided = JSON.parse(request.decided) as Fields;
  const result = enter(() => mergeSides({ state, a, b, decided }, rulesOf(twoWay)));
  const tellsOther = result.writes[request.side === "a" ? "b" : "a"] !== null;
  return {
    result,
    report: (next, wrote) => ({
      kind: "merged",
      state: JSON.stringify(next),
      held: result.held,
      reopened: result.reopened,
      tellsOther,
      ...(wrote && { wrote }),
    }),
  };
}
