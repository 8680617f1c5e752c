import { registers } from "@belay/sdk";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeExchanges } from "../inspecting/describe-exchanges.ts";
import { describeFailure } from "../inspecting/describe-failure.ts";
import { describeStory } from "../inspecting/describe-story.ts";
import { printResult } from "../inspecting/print.ts";
import { readId } from "../inspecting/read-query.ts";
import { invalidOption } from "../read-option.ts";

interface ShowOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly payload?: true;
  readonly exchanges?: true;
  readonly for?: string;
}

/** `belay show`: the whole story of one event. */
export function showCommand(): Command {
  return inspecting(new Command("show"))
    .description("The whole story of one message: what happened, what is next, what to do.")
    .argument("<id>", "as belay messages shows it")
    .option("--tenant <tenant>", "only if it is this tenant's")
    .option("--for <reader>", `what is wrong and what to do, for one of ${registers.join(", ")}; default: everything, for an engineer`)
    .option("--payload", "the payload and the results of steps too, which may hold personal data")
    .option("--exchanges", "every request and answer of the attempts that are kept, without secrets and personal values")
    .action(async (idText: string, options: ShowOptions) => {
      const id = readId(idText);
      const { for: reader } = options;
      if (reader !== undefined) {
        const register = registers.find((each) => each === reader);
        if (register === undefined) throw invalidOption("--for", `takes ${registers.join(", ")}; this was "${reader}".`);
        const told = await withServer(options, async ({ belay }) => await belay.explain(id, register, options.tenant));
        printResult(options.json, told, () => describeFailure(told));
        return;
      }
      const story = await withServer(
        options,
        async ({ belay }) => await belay.message(id, options.tenant, options.exchanges && { exchanges: "full" }),
      );
      printResult(options.json, story, () => {
        const text = describeStory(story, options.payload === true);
        return options.exchanges === true ? `${text}\n\nexchanges\n\n${describeExchanges(story.attempts)}` : text;
      });
    });
}
