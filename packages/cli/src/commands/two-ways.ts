import { registers, type Register } from "@belay/sdk";
import type { ApiTwoWayLink } from "@belay/sdk/client";
import { Command, Option } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeLinks, describeThing, describeTwoWays } from "../inspecting/describe-two-ways.ts";
import { findTwoWay } from "../inspecting/find-two-way.ts";
import { printResult } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { readWholeNumber } from "../read-option.ts";

interface TwoWayOptions extends InspectingOptions {
  readonly tenant?: string;
}

interface ListOptions extends TwoWayOptions {
  readonly limit: string;
}

/** `belay two-ways`: how two-way syncs stand, thing by thing, and what a person can do about them. */
export function twoWaysCommand(): Command {
  const command = new Command("two-ways").description("Two-way syncs: how they stand, thing by thing; trying again what was given up.");
  command.addCommand(listCommand(), { isDefault: true });
  for (const sub of [linksCommand(), showCommand(), retryCommand()]) command.addCommand(sub);
  return command;
}

function listCommand(): Command {
  return narrowed(new Command("list"))
    .description("Two-way syncs of tenants, between which connections, and how many things stand how.")
    .option("--limit <number>", "how many", "50")
    .action(async (options: ListOptions) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const { tenant } = options;
      const query = tenant === undefined ? {} : { tenant };
      const found = await withServer(options, async ({ belay }) => await takeFirst(belay.twoWays(query), most));
      printResult(options.json, found, () => describeTwoWays(found.items, found.more));
    });
}

const stands = ["waiting", "equal", "held", "failed", "gone"] as const satisfies readonly ApiTwoWayLink["stands"][];

function linksCommand(): Command {
  return narrowed(new Command("links"))
    .description("Things of a two-way sync, and how they stand.")
    .argument("<two-way>", "as belay two-ways shows it")
    .addOption(new Option("--stands <how>", "only those that stand so").choices(stands))
    .option("--limit <number>", "how many", "50")
    .action(async (id: string, { stands: how, ...options }: ListOptions & { readonly stands?: ApiTwoWayLink["stands"] }) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const { twoWay, found } = await withServer(options, async ({ belay }) => {
        const one = await findTwoWay(belay, id, options.tenant);
        const query = { tenant: one.tenant, twoWay: id, ...(how !== undefined && { stands: how }) };
        return { twoWay: one, found: await takeFirst(belay.twoWayLinks(query), most) };
      });
      printResult(options.json, found, () => describeLinks(found.items, found.more, twoWay));
    });
}

function showCommand(): Command {
  return narrowed(new Command("show"))
    .description("One thing: what both sides have of it, what was agreed, why it waits. That may be personal data.")
    .argument("<two-way>", "as belay two-ways shows it")
    .argument("<thing>", "its canonical id, rec_…")
    .addOption(new Option("--for <reader>", "who reads it").choices(registers).default("engineer"))
    .action(async (id: string, record: string, { for: reader, ...options }: TwoWayOptions & { readonly for: Register }) => {
      const { twoWay, ...shown } = await withServer(options, async ({ belay }) => {
        const one = await findTwoWay(belay, id, options.tenant);
        const key = { tenant: one.tenant, twoWay: id, record };
        return { twoWay: one, thing: await belay.twoWayLink(key), told: await belay.explainTwoWayLink(key, reader) };
      });
      printResult(options.json, shown, () => describeThing(shown.thing, shown.told, twoWay));
    });
}

function retryCommand(): Command {
  return narrowed(new Command("retry"))
    .description("Merge and write again what was given up: all, or one thing. Doing it twice is safe.")
    .argument("<two-way>", "as belay two-ways shows it")
    .option("--record <thing>", "this one only, rec_…")
    .action(async (id: string, options: TwoWayOptions & { readonly record?: string }) => {
      const { record } = options;
      const count = await withServer(options, async ({ belay }) => {
        const { tenant } = await findTwoWay(belay, id, options.tenant);
        return await belay.retryTwoWay({ tenant, twoWay: id, ...(record !== undefined && { record }) });
      });
      const things = count === 1 ? "1 thing is" : `${count} things are`;
      printResult(options.json, { count }, () => (count === 0 ? "Nothing was given up." : `${things} merged and written again.`));
    });
}

function narrowed(command: Command): Command {
  return inspecting(command).option("--tenant <tenant>", "of this tenant only");
}
