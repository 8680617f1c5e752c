import type { ApiTwoWayConflict, BelayClient, TwoWayDecision } from "@belay/sdk/client";
import { isBelayError } from "@belay/sdk";
import { Command, Option } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeConflicts, describeDecided } from "../inspecting/describe-two-ways.ts";
import { findTwoWay } from "../inspecting/find-two-way.ts";
import { progressWhenSlow } from "../inspecting/late-progress.ts";
import { counted, printResult } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { textOf } from "../inspecting/side-by-side.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface ConflictOptions extends InspectingOptions {
  readonly tenant?: string;
}

interface ListOptions extends ConflictOptions {
  readonly twoWay?: string;
  readonly record?: string;
  readonly limit: string;
}

interface DecideOptions extends ConflictOptions {
  readonly side?: "a" | "b";
  readonly value?: string;
}

/** `belay conflicts`: what both sides of two-way syncs have changed, and what a person decides. */
export function conflictsCommand(): Command {
  const command = new Command("conflicts").description(
    "Fields that both sides of a two-way sync have changed: what each has, and deciding what holds.",
  );
  command.addCommand(listCommand(), { isDefault: true });
  command.addCommand(decideCommand());
  command.addCommand(decideAllCommand());
  return command;
}

function listCommand(): Command {
  return narrowed(new Command("list"))
    .description("Conflicts that wait for a decision, with what each side has. That may be personal data.")
    .option("--two-way <id>", "of this two-way sync only")
    .option("--record <thing>", "of this thing only, rec_…")
    .option("--limit <number>", "how many", "50")
    .action(async (options: ListOptions) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const found = await withServer(options, async ({ belay }) => await takeFirst(conflictsOf(belay, options), most));
      printResult(options.json, found, () => describeConflicts(found.items, found.more));
    });
}

async function* conflictsOf(belay: BelayClient, { tenant, twoWay, record }: ListOptions): AsyncGenerator<ApiTwoWayConflict> {
  const query = { ...(tenant !== undefined && { tenant }), ...(twoWay !== undefined && { twoWay }) };
  for await (const one of belay.twoWays(query)) {
    const of = { tenant: one.tenant, twoWay: one.twoWay, ...(record !== undefined && { record }) };
    if (one.links.held > 0 || one.conflicts > 0) yield* belay.twoWayConflicts(of);
  }
}

function decideCommand(): Command {
  return narrowed(new Command("decide"))
    .description("Say what is to hold for a field; both sides then get it.")
    .argument("<two-way>", "as belay two-ways shows it")
    .argument("<thing>", "its canonical id, rec_…")
    .argument("<field>", "as belay conflicts shows it")
    .addOption(new Option("--side <side>", "what this side has").choices(["a", "b"]))
    .option("--value <value>", "another one: JSON, or a text")
    .action(async (twoWay: string, record: string, field: string, options: DecideOptions) => {
      const decision = readDecision(options);
      const value = await withServer(options, async ({ belay }) => {
        const { tenant } = await findTwoWay(belay, twoWay, options.tenant);
        const { items } = await takeFirst(belay.twoWayConflicts({ tenant, twoWay, record }), 1_000);
        await belay.decideTwoWayConflict({ tenant, twoWay, record, field }, decision);
        return "side" in decision ? items.find((one) => one.field === field)?.[decision.side] : decision.value;
      });
      printResult(options.json, { twoWay, record, field, value: value ?? null }, () =>
        describeDecided(field, record, `“${textOf(value)}”`),
      );
    });
}

function decideAllCommand(): Command {
  return narrowed(new Command("decide-all"))
    .description("Say whose values are to hold for all conflicts that wait, one after the other. Calling it twice is safe.")
    .argument("<two-way>", "as belay two-ways shows it")
    .addOption(new Option("--side <side>", "what this side has").choices(["a", "b"]).makeOptionMandatory())
    .option("--field <field>", "of this field only")
    .action(async (twoWay: string, options: ConflictOptions & { readonly side: "a" | "b"; readonly field?: string }) => {
      const { side, field } = options;
      const count = await withServer(options, async ({ belay }) => {
        const { tenant } = await findTwoWay(belay, twoWay, options.tenant);
        using progress = progressWhenSlow(`Deciding conflicts of ${twoWay}`);
        let decided = 0;
        for await (const conflict of belay.twoWayConflicts({ tenant, twoWay })) {
          if (conflict.decidedBy !== null || (field !== undefined && conflict.field !== field)) continue;
          if (await decideOne(belay, { tenant, twoWay, record: conflict.record, field: conflict.field }, { side })) decided += 1;
          progress.update(`${decided} decided`);
        }
        return decided;
      });
      printResult(options.json, { twoWay, side, count }, () =>
        count === 0
          ? `Nothing of ${twoWay}${field === undefined ? "" : `, ${field},`} waits for a decision.`
          : `${counted(count, "conflict")} of ${twoWay} ${count === 1 ? "is" : "are"} decided: what ${side} has is to hold.`,
      );
    });
}

/** @returns whether it was still there: both sides may have come to the same meanwhile. */
async function decideOne(
  belay: BelayClient,
  conflict: Parameters<BelayClient["decideTwoWayConflict"]>[0],
  decision: TwoWayDecision,
): Promise<boolean> {
  try {
    await belay.decideTwoWayConflict(conflict, decision);
    return true;
  } catch (error) {
    if (isBelayError(error) && error.code === "TWO_WAY_DECIDED") return false;
    throw error;
  }
}

/** @throws `CLI_OPTION_INVALID`. */
function readDecision({ side, value }: DecideOptions): TwoWayDecision {
  if ((side === undefined) === (value === undefined))
    throw invalidOption("--side", "a or b says whose value is to hold; or --value gives another one.");
  return side === undefined ? { value: readValue(value ?? "") } : { side };
}

/** A text that is no JSON stands for itself: nobody wants to quote a name twice. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function narrowed(command: Command): Command {
  return inspecting(command).option("--tenant <tenant>", "of this tenant only");
}
