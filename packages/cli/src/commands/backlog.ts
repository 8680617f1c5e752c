import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult, readableSeconds, tableOf } from "../inspecting/print.ts";

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
            etaSeconds === null ? "nothing moves" : readableSeconds(etaSeconds),
            oldestMs === null ? "" : readableSeconds(oldestMs / 1_000),
          ]),
          "Nothing waits.",
        ),
      );
    });
}
