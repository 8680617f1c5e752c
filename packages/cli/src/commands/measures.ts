import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeMeasures } from "../inspecting/describe-measures.ts";
import { progressWhenSlow } from "../inspecting/late-progress.ts";
import { printResult } from "../inspecting/print.ts";
import { readSince } from "../inspecting/read-query.ts";

interface MeasuresOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly connection?: string;
  readonly flow?: string;
  readonly since: string;
}

/** `belay measures`: how many, how long, how late, how often failed. */
export function measuresCommand(): Command {
  return inspecting(new Command("measures"))
    .description("What was counted: how many, how long, how late, how often failed.")
    .option("--tenant <tenant>", "of this tenant only")
    .option("--connection <connection>", "of this connection only")
    .option("--flow <flow>", "of this flow only")
    .option("--since <when>", "from so long ago (15m, 2h, 3d), or from a time", "1h")
    .action(async (options: MeasuresOptions) => {
      const { tenant, connection, flow } = options;
      const query = {
        ...(tenant !== undefined && { tenant }),
        ...(connection !== undefined && { connection }),
        ...(flow !== undefined && { flow }),
      };
      const from = readSince(options.since);
      const measured = await withServer(options, async ({ belay }) => {
        using _progress = progressWhenSlow("Adding up");
        return await belay.measures({ ...query, from });
      });
      printResult(options.json, measured, () => describeMeasures(measured));
    });
}
