import type { ApiDeadLetter, BelayClient, DeadLetterQuery } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeStory } from "../inspecting/describe-story.ts";
import { printResult, readableTime, shortened, tableOf } from "../inspecting/print.ts";
import { readId, takeFirst } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface FilterOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly code?: string;
  readonly flow?: string;
}

interface ListOptions extends FilterOptions {
  readonly limit: string;
}

/** `belay dead-letters`: what waits for a person, and what a person can do about it. */
export function deadLettersCommand(): Command {
  const command = new Command("dead-letters").description("What failed for good and waits for a person.");
  command.addCommand(listCommand(), { isDefault: true });
  command.addCommand(showCommand());
  command.addCommand(
    actionCommand("replay", "Give dead letters another chance. Finished steps are not run again; replaying twice is safe."),
  );
  command.addCommand(actionCommand("discard", "End dead letters for good; they stay in history as discarded."));
  return command;
}

function filtering(command: Command): Command {
  return inspecting(command)
    .option("--tenant <tenant>", "of this tenant only")
    .option("--code <code>", "of this cause only")
    .option("--flow <flow>", "of this flow only");
}

function listCommand(): Command {
  return filtering(new Command("list"))
    .description("Dead letters, newest first.")
    .option("--limit <number>", "how many", "20")
    .action(async (options: ListOptions) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const found = await withServer(options, async ({ belay }) => await takeFirst(belay.deadLetters.list(filterOf(options)), most));
      printResult(options.json, found, () => describe(found));
    });
}

function showCommand(): Command {
  return inspecting(new Command("show"))
    .description("Why one died, and what to do.")
    .argument("<id>", "as belay dead-letters list shows it")
    .option("--payload", "the payload and the results of steps too, which may hold personal data")
    .action(async (idText: string, options: InspectingOptions & { readonly payload?: true }) => {
      const id = readId(idText);
      const story = await withServer(options, async ({ belay }) => await belay.deadLetters.show(id));
      printResult(options.json, story, () => describeStory(story, options.payload === true));
    });
}

function actionCommand(action: "replay" | "discard", description: string): Command {
  return filtering(new Command(action))
    .description(description)
    .argument("[id...]", "which; or all that the options name")
    .action(async (idTexts: readonly string[], options: FilterOptions) => {
      const ids = idTexts.map(readId);
      const filter = filterOf(options);
      if (ids.length > 0 && Object.keys(filter).length > 0)
        throw invalidOption("<id>", "and a filter do not go together: name dead letters, or what they have in common.");
      if (ids.length === 0 && Object.keys(filter).length === 0)
        throw invalidOption("<id>", "is missing: name dead letters, or all of a --tenant, --code or --flow.");
      const count = await withServer(options, async ({ belay }) => await act(belay, action, ids, filter));
      const done = action === "replay" ? "replayed" : "discarded";
      printResult(
        options.json,
        { count },
        () =>
          `${count} ${done}.${ids.length > count ? " Where one is missing, it was not there any more, or still does not fit: belay show <id>." : ""}`,
      );
    });
}

async function act(belay: BelayClient, action: "replay" | "discard", ids: readonly number[], filter: DeadLetterQuery): Promise<number> {
  if (ids.length === 0) return await (action === "replay" ? belay.deadLetters.replayAll(filter) : belay.deadLetters.discardAll(filter));
  let count = 0;
  for (const id of ids) {
    const { message } = await belay.deadLetters.show(id);
    count += await belay.deadLetters[action]({ tenant: message.tenant, id });
  }
  return count;
}

function filterOf({ tenant, code, flow }: FilterOptions): DeadLetterQuery {
  return { ...(tenant !== undefined && { tenant }), ...(code !== undefined && { code }), ...(flow !== undefined && { flow }) };
}

function describe({ items, more }: { readonly items: readonly ApiDeadLetter[]; readonly more: boolean }): string {
  const rows = items.map(({ id, diedAt, tenant, flow, eventType, code, error, attempts }) => [
    String(id),
    readableTime(diedAt),
    tenant,
    flow,
    shortened(eventType, 30),
    String(attempts),
    code,
    shortened(error),
  ]);
  const table = tableOf(
    ["id", "died", "tenant", "flow", "event", "attempts", "cause", ""],
    rows,
    "No dead letters: nothing waits for you.",
  );
  if (items.length === 0) return table;
  return `${table}\n\n${more ? "There are more: --limit. " : ""}Why one died and what to do: belay dead-letters show ${items[0]?.id ?? "<id>"}`;
}
