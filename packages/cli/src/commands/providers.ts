import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeProviders } from "../inspecting/describe-providers.ts";
import { printResult } from "../inspecting/print.ts";

/** `belay providers`: which are called now, and which are away. */
export function providersCommand(): Command {
  return inspecting(new Command("providers"))
    .description("Providers: whether they are called now, since when not, when the next probe goes, what waits.")
    .action(async (options: InspectingOptions) => {
      const found = await withServer(options, async ({ belay }) => await belay.providers());
      printResult(options.json, found, () => describeProviders(found));
    });
}
