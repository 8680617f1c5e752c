import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult, tableOf } from "../inspecting/print.ts";

/** `belay backlog`: what waits, by tenant, and when it will be done. */
export function backlogCommand(): Command {
  return inspecting(new Command("backlog"))
    .description("What waits, by tenant, and when it will be done at the present pace.")
    .option("--tenant <tenant>", "of this tenant only")
    .action(async (options: InspectingOptions & { readonly tenant?: string }) => {
      const items = await withServer(options, async ({ belay }) => await belay.backlog(options.tenant));
      printResult(options.json, { items }, () =>
        tableOf(
          ["tenant", "waiting", "finished/s", "done in", "oldest"],
          items.map(({ tenant, waiting, finishedPerSecond, etaSeconds, oldestMs }) => [
            tenant,
            String(waiting),
            String(finishedPerSecond),
            etaSeconds === null ? "nothing moves" : describeSeconds(etaSeconds),
            oldestMs === null ? "" : describeSeconds(oldestMs / 1_000),
          ]),
          "Nothing waits.",
        ),
      );
    });
}

function describeSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
