import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeLimits } from "../inspecting/describe-limits.ts";
import { printResult } from "../inspecting/print.ts";

/** `belay limits <connection>`: what it may still send. */
export function limitsCommand(): Command {
  return inspecting(new Command("limits"))
    .description("What a connection may still send under its provider's limits, who waits for it and who uses it up.")
    .argument("<connection>", "the connection's id")
    .action(async (connection: string, options: InspectingOptions) => {
      const limits = await withServer(options, async ({ belay }) => await belay.limits(connection));
      printResult(options.json, limits, () => describeLimits(limits, new Date()));
    });
}
