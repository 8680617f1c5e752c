import type { PauseOrder } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describePaused, nameOfPause } from "../inspecting/describe-pauses.ts";
import { printResult, readableTime, shortened, tableOf } from "../inspecting/print.ts";
import { invalidOption } from "../read-option.ts";

const scopes = ["tenant", "connection", "flow", "connector"] as const satisfies readonly PauseOrder["scope"][];

interface PauseOptions extends InspectingOptions {
  readonly tenant?: string;
}

/** `belay pause`: the switch for when something does harm. */
export function pauseCommand(): Command {
  return pausing(new Command("pause"))
    .description("Let a tenant, a connection, a flow or a connector wait, in all processes within a second.")
    .requiredOption("--why <reason>", "for whoever wonders later")
    .action(async (scope: string, id: string, options: PauseOptions & { readonly why: string }) => {
      const order = toOrder(scope, id, options);
      await withServer(options, async ({ belay }) => await belay.pause({ ...order, why: options.why }));
      printResult(options.json, order, () => describePaused(order));
    });
}

/** `belay resume`. */
export function resumeCommand(): Command {
  return pausing(new Command("resume"))
    .description("Let go on what was paused.")
    .action(async (scope: string, id: string, options: PauseOptions) => {
      const order = toOrder(scope, id, options);
      const resumed = await withServer(options, async ({ belay }) => await belay.resume(order));
      const named = nameOfPause(order);
      printResult(options.json, { resumed }, () => (resumed ? `${named} goes on.` : `${named} was not paused: see belay paused.`));
    });
}

/** `belay paused`: what is paused, by whom, and why. */
export function pausedCommand(): Command {
  return inspecting(new Command("paused"))
    .description("What is paused, by whom, and why.")
    .action(async (options: InspectingOptions) => {
      const items = await withServer(options, async ({ belay }) => await belay.pauses());
      printResult(options.json, { items }, () =>
        tableOf(
          ["what", "id", "tenant", "since", "by", "why"],
          items.map(({ scope, id, tenant, pausedAt, pausedBy, why }) => [
            scope,
            id,
            tenant ?? "all",
            readableTime(pausedAt),
            pausedBy,
            shortened(why),
          ]),
          "No tenant, connection, flow or connector is paused. Whether a sync is: belay syncs",
        ),
      );
    });
}

function pausing(command: Command): Command {
  return inspecting(command)
    .argument("<scope>", scopes.join(", "))
    .argument("<id>", "which one")
    .option("--tenant <tenant>", "of this tenant only, for a flow or a connector");
}

function toOrder(scope: string, id: string, { tenant }: PauseOptions): PauseOrder {
  const found = scopes.find((each) => each === scope);
  if (found === undefined) throw invalidOption("<scope>", `is ${scopes.join(", ")}; this was "${scope}".`);
  return { scope: found, id, ...(tenant !== undefined && { tenant }) };
}
