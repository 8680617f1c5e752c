import type { ApiWeights } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult, tableOf } from "../inspecting/print.ts";
import { invalidOption } from "../read-option.ts";

interface WeightsOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly lane?: string;
  readonly set?: string;
}

/** `belay weights`: how much each gets compared with the others. */
export function weightsCommand(): Command {
  return inspecting(new Command("weights"))
    .description("How much each tenant and lane gets compared with the others, while they want more than there is; and setting it.")
    .option("--tenant <tenant>", "set this tenant's")
    .option("--lane <lane>", "set this lane's: interactive, event, sync or backfill")
    .option("--set <weight>", 'so many times what one with a weight of 1 gets: 0.01 to 100; "default" takes it back')
    .action(async (options: WeightsOptions) => {
      const weights = await withServer(options, async ({ belay }) => {
        const { tenant, lane, set } = options;
        if (set === undefined && tenant === undefined && lane === undefined) return await belay.weights();
        if (set === undefined) throw invalidOption("--set", "is missing: to which weight?");
        if ((tenant === undefined) === (lane === undefined)) throw invalidOption("--set", "goes with --tenant or with --lane.");
        const weight = set === "default" ? null : Number(set);
        // The server knows the lanes and the bounds of weights, and says so.
        return await belay.setWeight(tenant === undefined ? { lane: lane as keyof ApiWeights["lanes"] } : { tenant }, weight);
      });
      printResult(options.json, weights, () => describe(weights));
    });
}

function describe({ lanes, tenants }: ApiWeights): string {
  const rows = [
    ...Object.entries(lanes).map(([lane, weight]) => ["lane", lane, String(weight)]),
    ...Object.entries(tenants).map(([tenant, weight]) => ["tenant", tenant, String(weight)]),
  ];
  return `${tableOf(["", "", "weight"], rows, "")}\n\nTenants that are not listed have 1.`;
}
