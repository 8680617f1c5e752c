import type { ApiChange, ApiConsumer } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeDefined } from "../inspecting/describe-consumers.ts";
import { printResult, readableTime, tableOf } from "../inspecting/print.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface OwnedOptions extends InspectingOptions {
  readonly tenant?: string;
}

/** `belay changes`: consumers of the change feed. */
export function changesCommand(): Command {
  const command = new Command("changes").description(
    "Consumers of the change feed: how far they are behind, what comes next; defining and rewinding them.",
  );
  command.addCommand(listCommand(), { isDefault: true });
  for (const sub of [readCommand(), defineCommand(), rewindCommand(), removeCommand()]) command.addCommand(sub);
  return command;
}

function listCommand(): Command {
  return owned(new Command("list"))
    .description("Consumers, and how far they are behind.")
    .action(async (options: OwnedOptions) => {
      const items = await withServer(options, async ({ belay }) => await belay.changes.consumers(ownerOf(options)));
      printResult(options.json, { items }, () =>
        tableOf(
          ["consumer", "behind", "tenants", "asked last", "reads"],
          items.map(toRow),
          "No consumers: belay changes define makes one.",
        ),
      );
    });
}

function readCommand(): Command {
  return named("read")
    .description("What comes next for a consumer. It comes again a second later, unless it is acknowledged.")
    .option("--limit <number>", "most changes", "100")
    .option("--wait <seconds>", "where nothing is new, wait so long, at most 10", "0")
    .option("--acknowledge", "the consumer is done with them, and never gets them again")
    .action(
      async (name: string, options: OwnedOptions & { readonly limit: string; readonly wait: string; readonly acknowledge?: true }) => {
        const owner = ownerOf(options);
        const batch = await withServer(options, async ({ belay }) => {
          const waitSeconds = readWholeNumber("--wait", options.wait, 10);
          const limit = readWholeNumber("--limit", options.limit, 1_000);
          const read = await belay.changes.read(name, {
            ...owner,
            limit,
            waitSeconds,
            leaseSeconds: options.acknowledge === true ? 60 : 1,
          });
          if (options.acknowledge === true && read.batch !== null) await belay.changes.acknowledge(name, read.batch, owner);
          return read;
        });
        printResult(options.json, batch, () =>
          tableOf(["at", "tenant", "position", "kind", "model", "record", "connection"], batch.items.map(describe), "Nothing is new."),
        );
      },
    );
}

function defineCommand(): Command {
  return named("define")
    .description("Define a consumer. With the same filter it may be done again: it stays where it is.")
    .requiredOption("--from <place>", "start: the newest version of every record, and then what comes; end: only what comes")
    .option("--models <list>", "only these, separated by commas")
    .option("--connections <list>", "only what came from these, separated by commas")
    .action(
      async (name: string, options: OwnedOptions & { readonly from: string; readonly models?: string; readonly connections?: string }) => {
        const { from, models, connections } = options;
        if (from !== "start" && from !== "end") throw invalidOption("--from", `takes start or end; this was "${from}".`);
        const filter = {
          ...(models !== undefined && { models: models.split(",") }),
          ...(connections !== undefined && { connections: connections.split(",") }),
        };
        const defined = await withServer(
          options,
          async ({ belay }) => await belay.changes.define(name, { ...ownerOf(options), from, ...filter }),
        );
        printResult(options.json, defined, () => describeDefined(name, from, defined));
      },
    );
}

function rewindCommand(): Command {
  return named("rewind")
    .description("Let a consumer go on from another place. What its readers hold they cannot acknowledge any more.")
    .requiredOption("--to <place>", "start, end, a time such as 2026-03-01T12:00:00Z, or the position behind which it goes on")
    .option("--feed <tenant>", "only in the changes of this tenant; a position needs it")
    .option("--newest-only", "the newest version of each record is enough where others are not kept any more")
    .action(async (name: string, options: OwnedOptions & { readonly to: string; readonly feed?: string; readonly newestOnly?: true }) => {
      const { feed, newestOnly } = options;
      const more = { ...ownerOf(options), ...(feed !== undefined && { feed }), ...(newestOnly === true && { newestOnly }) };
      const feeds = await withServer(options, async ({ belay }) => await belay.changes.rewind(name, readPlace(options.to), more));
      printResult(
        options.json,
        { feeds },
        () => `${name} goes on from there in the changes of ${feeds} ${feeds === 1 ? "tenant" : "tenants"}.`,
      );
    });
}

function removeCommand(): Command {
  return named("remove")
    .description("Remove a consumer, and how far it has come.")
    .action(async (name: string, options: OwnedOptions) => {
      await withServer(options, async ({ belay }) => await belay.changes.remove(name, ownerOf(options)));
      printResult(options.json, { removed: name }, () => `${name} is gone.`);
    });
}

function owned(command: Command): Command {
  return inspecting(command).option(
    "--tenant <tenant>",
    "a consumer of this tenant; default: one of the installation, which reads all tenants",
  );
}

function named(name: string): Command {
  return owned(new Command(name)).argument("<consumer>", "its name");
}

function ownerOf({ tenant }: OwnedOptions): { readonly tenant?: string } {
  return tenant === undefined ? {} : { tenant };
}

/** @throws `CLI_OPTION_INVALID`. */
function readPlace(text: string): "start" | "end" | { readonly position: number } | { readonly time: string } {
  if (text === "start" || text === "end") return text;
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) };
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return { time: time.toISOString() };
  throw invalidOption("--to", `takes start, end, a position, or a time such as 2026-03-01T12:00:00Z; this was "${text}".`);
}

function toRow({ name, behind, tenants, readAt, models, connections }: ApiConsumer): string[] {
  const reads = [models?.join(", "), connections?.join(", ")].filter((part) => part !== undefined);
  return [name, String(behind), String(tenants), readableTime(readAt), reads.length === 0 ? "everything" : reads.join(" of ")];
}

function describe({ tenant, position, at, kind, model, record, connection }: ApiChange): string[] {
  return [readableTime(at), tenant, String(position), kind, model, record, connection ?? ""];
}
