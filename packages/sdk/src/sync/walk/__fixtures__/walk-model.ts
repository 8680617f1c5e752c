import type * as walks from "../index.ts";
import { declare, modelProvider, numbersFrom } from "./model-provider.ts";
import type { Habits } from "./model-provider.ts";

/** The walk as it is, or one with a bug in it. */
export type Walks = Pick<typeof walks, "planWalk" | "beginWalk" | "requestOf" | "takePage" | "recoverWalk">;

export interface Walked {
  readonly end: "proven" | "unproven" | "stuck" | "lost" | "endless";
  readonly whyNone: readonly string[];
  /** Records that were there all the time and are not in the result. */
  readonly missing: readonly string[];
  /** How often a record of the result was called new again. */
  readonly doubled: number;
  readonly passes: number;
  readonly pages: number;
  readonly records: number;
}

/**
 * Who has not come to the end by then goes in circles: some 500 records that come one a page, a third of the pages empty amid others, every 20 positions
 * begun anew by the order's value, take 1,433 pages, and a walk begins three times at most.
 */
const mostPages = 5_000;

/** After so many pages nothing changes any more: who creates faster than a page holds would keep a walk from its end for ever. */
const driftingPages = 100;

/** One walk through a provider in memory while others change it. The state goes through JSON between two pages, as it does when it is kept. */
export function walkModel({ planWalk, beginWalk, requestOf, takePage, recoverWalk }: Walks, habits: Habits, seed: number): Walked {
  const random = numbersFrom(seed);
  const provider = modelProvider(habits, random);
  const list = declare(habits);
  const plan = planWalk(list, { id: "id", careful: true, ...(habits.order === "changed" && { rising: "changed" }) });
  let state = beginWalk(plan);
  const seen = new Map<string, number>();
  const result = (end: Walked["end"], whyNone: readonly string[] = []): Walked => ({
    end,
    whyNone,
    missing: provider.constant().filter((id) => !seen.has(id)),
    doubled: [...seen.values()].filter((times) => times > 1).length,
    passes: state.pass,
    pages: state.pages,
    records: state.records,
  });
  for (let page = 0; page < mostPages; page += 1) {
    if (page > 0 && page < driftingPages) provider.drift();
    const answer = provider.answer(requestOf(plan, state));
    if (answer === undefined) {
      const recovery = recoverWalk(plan, state);
      state = recovery.state;
      if (recovery.kind === "lost") return result("lost", state.doubts);
      continue;
    }
    const taken = takePage(plan, state, answer);
    if (taken.kind === "invalid") throw new Error(taken.what);
    if (taken.kind === "stuck") return result("stuck", taken.whyNone);
    for (const index of taken.fresh) {
      const id = answer.ids[index] ?? "";
      seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    state = JSON.parse(JSON.stringify(taken.state)) as typeof state;
    if (taken.kind === "end") return result(taken.proof === undefined ? "unproven" : "proven", taken.whyNone);
  }
  return result("endless");
}
