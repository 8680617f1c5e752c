import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeRuns } from "../inspecting/describe-batches.ts";
import { printResult } from "../inspecting/print.ts";
import { invalidOption } from "../read-option.ts";

/** `belay batches`: runs of batches. */
export function batchesCommand(): Command {
  const command = new Command("batches").description(
    "Runs of batches: how far they are, and when they will be done; starting and cancelling them.",
  );
  command.addCommand(listCommand(), { isDefault: true });
  for (const sub of [startCommand(), cancelCommand()]) command.addCommand(sub);
  return command;
}

function listCommand(): Command {
  return inspecting(new Command("list"))
    .description("Runs and how far they are, the newest first. belay pause flow <batch> lets one wait.")
    .option("--tenant <tenant>", "of this tenant only")
    .option("--batch <id>", "of this batch only")
    .action(async (options: InspectingOptions & { readonly tenant?: string; readonly batch?: string }) => {
      const { tenant, batch } = options;
      const filter = { ...(tenant !== undefined && { tenant }), ...(batch !== undefined && { batch }) };
      const items = await withServer(options, async ({ belay }) => await belay.batches.runs(filter));
      printResult(options.json, { items }, () => describeRuns(items, tenant === undefined && batch === undefined));
    });
}

function startCommand(): Command {
  return inspecting(new Command("start"))
    .description("Start a run of a batch for a tenant.")
    .argument("<batch>", "its id")
    .requiredOption("--tenant <tenant>", "for whom")
    .option("--input <json>", "for the source, as JSON")
    .action(async (batch: string, options: InspectingOptions & { readonly tenant: string; readonly input?: string }) => {
      const run = { tenant: options.tenant, ...(options.input !== undefined && { input: readJson(options.input) }) };
      const id = await withServer(options, async ({ belay }) => await belay.batches.start(batch, run));
      printResult(options.json, { id }, () => `${id} reads. How far it is: belay batches list --batch ${batch} --tenant ${options.tenant}`);
    });
}

function cancelCommand(): Command {
  return inspecting(new Command("cancel"))
    .description("End the reading of a run: nothing more is added. What was read is still worked through.")
    .argument("<run>", "as belay batches list shows it")
    .requiredOption("--tenant <tenant>", "whose run it is")
    .action(async (id: string, options: InspectingOptions & { readonly tenant: string }) => {
      await withServer(options, async ({ belay }) => await belay.batches.cancel({ tenant: options.tenant, id }));
      printResult(options.json, { cancelled: id }, () => `${id} reads no further.`);
    });
}

/** @throws `CLI_OPTION_INVALID`. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What the parser says of its position helps nobody who typed it into a shell.
    throw invalidOption("--input", `takes JSON, such as '{"since":"2026-01-01"}'; this was "${text}".`);
  }
}
