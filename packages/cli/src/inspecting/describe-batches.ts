import type { ApiBatchRun } from "@belay/sdk/client";
import { readableSeconds, readableTime, tableOf } from "./print.ts";

/** Runs of batches, and how to see why items of them failed. `all`: nothing was left out. */
export function describeRuns(items: readonly ApiBatchRun[], all: boolean): string {
  const table = tableOf(
    ["run", "batch", "tenant", "state", "done", "failed", "waiting", "of", "done in", "started"],
    items.map(toRow),
    all ? "No runs: belay batches start begins one." : "No runs of these: belay batches shows all.",
  );
  const why = items
    .filter(({ failed }) => failed > 0)
    .map(({ batch, tenant }) => `belay dead-letters list --flow ${batch} --tenant ${tenant}`);
  return why.length === 0 ? table : `${table}\n\nWhy they failed: ${[...new Set(why)].join("\n  ")}`;
}

function toRow({ id, batch, tenant, state, done, failed, waiting, items, total, etaSeconds, startedAt }: ApiBatchRun): string[] {
  const all = total ?? items;
  const eta = state === "finished" ? "" : etaSeconds === null ? "not known" : readableSeconds(etaSeconds);
  return [id, batch, tenant, state, String(done), String(failed), String(waiting), String(all), eta, readableTime(startedAt)];
}
