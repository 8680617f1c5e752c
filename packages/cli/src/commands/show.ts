import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeStory } from "../inspecting/describe-story.ts";
import { printResult } from "../inspecting/print.ts";
import { readId } from "../inspecting/read-query.ts";

interface ShowOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly payload?: true;
}

/** `belay show`: the whole story of one event. */
export function showCommand(): Command {
  return inspecting(new Command("show"))
    .description("The whole story of one message: what happened, what is next, what to do.")
    .argument("<id>", "as belay messages shows it")
    .option("--tenant <tenant>", "only if it is this tenant's")
    .option("--payload", "the payload and the results of steps too, which may hold personal data")
    .action(async (idText: string, options: ShowOptions) => {
      const id = readId(idText);
      const story = await withServer(options, async ({ belay }) => await belay.message(id, options.tenant));
      printResult(options.json, story, () => describeStory(story, options.payload === true));
    });
}
