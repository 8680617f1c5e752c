import type { ApiSync, AtConnection, BelayClient, SyncQuery } from "@belay/sdk/client";
import { BelayError } from "@belay/sdk";
import { Command, InvalidArgumentError } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { atConnection, describePending, describeSync, describeSyncs, describeUndone } from "../inspecting/describe-syncs.ts";
import { counted, printResult } from "../inspecting/print.ts";
import { takeFirst } from "../inspecting/read-query.ts";
import { readWholeNumber } from "../read-option.ts";

interface SyncOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly connection?: string;
}

/** `belay syncs`: how they stand, and what a person can do about them. */
export function syncsCommand(): Command {
  const command = new Command("syncs").description("What is kept equal to what providers have: how it stands, run, pause, resync.");
  command.addCommand(listCommand(), { isDefault: true });
  command.addCommand(showCommand());
  command.addCommand(orderCommand("run", "Let the next walk begin now.", "begins", (belay, sync, at) => belay.runSync(sync, at)));
  command.addCommand(
    orderCommand("resync", "Read everything and map it anew.", "begins to read everything", (belay, sync, at) =>
      belay.runSync(sync, { ...at, full: true }),
    ),
  );
  command.addCommand(pauseCommand());
  command.addCommand(orderCommand("resume", "Let a paused sync go on.", "goes on", (belay, sync, at) => belay.resumeSync(sync, at)));
  command.addCommand(deletesCommand());
  command.addCommand(decideCommand("approve", "Delete the records that wait for it: missing at the provider, or named by it as deleted."));
  command.addCommand(decideCommand("refuse", "Keep the records that wait to be deleted; the next walk that misses them asks again."));
  command.addCommand(undoCommand());
  return command;
}

function listCommand(): Command {
  return narrowed(new Command("list"))
    .description("Syncs at connections and how they stand.")
    .action(async (options: SyncOptions) => {
      const items = await withServer(options, async ({ belay }) => await belay.syncs(toQuery(options)));
      printResult(options.json, { items }, () =>
        describeSyncs(items, { narrowed: options.tenant !== undefined || options.connection !== undefined }),
      );
    });
}

function showCommand(): Command {
  return narrowed(new Command("show"))
    .description("One sync at a connection: its walks, their proofs, and the records that could not be taken.")
    .argument("<sync>", "as belay syncs shows it")
    .action(async (sync: string, options: SyncOptions) => {
      const found = await withServer(options, async ({ belay }) => {
        const shown = await findOne(belay, sync, options);
        const [walks, troubles] = [await belay.walks(sync, shown), await belay.recordTroubles(sync, shown)];
        return { sync: shown, walks, troubles };
      });
      printResult(options.json, found, () => describeSync(found.sync, found.walks, found.troubles));
    });
}

function orderCommand(
  name: string,
  does: string,
  says: string,
  act: (belay: BelayClient, sync: string, at: AtConnection) => Promise<void>,
): Command {
  return narrowed(new Command(name))
    .description(does)
    .argument("<sync>", "as belay syncs shows it")
    .action(async (sync: string, options: SyncOptions) => {
      const found = await withServer(options, async ({ belay }) => {
        const all = await findAll(belay, sync, options);
        for (const { tenant, connection } of all) await act(belay, sync, { tenant, connection });
        return all;
      });
      const at = found.map(({ tenant, connection }) => ({ tenant, connection }));
      printResult(options.json, { sync, at }, () => at.map(({ connection }) => `${sync} ${says} at ${connection}.`).join("\n"));
    });
}

function pauseCommand(): Command {
  return narrowed(new Command("pause"))
    .description("Let a sync wait; an open walk stops after the page that it is at.")
    .argument("<sync>", "as belay syncs shows it")
    .requiredOption("--why <reason>", "for whoever wonders later")
    .action(async (sync: string, options: SyncOptions & { readonly why: string }) => {
      const found = await withServer(options, async ({ belay }) => {
        const all = await findAll(belay, sync, options);
        for (const { tenant, connection } of all) await belay.pauseSync(sync, { tenant, connection, why: options.why });
        return all;
      });
      const at = found.map(({ tenant, connection }) => ({ tenant, connection }));
      printResult(options.json, { sync, at }, () =>
        at
          .map(
            ({ connection }) => `${sync} is paused at ${connection}. It goes on with: belay syncs resume ${atConnection(sync, connection)}`,
          )
          .join("\n"),
      );
    });
}

function deletesCommand(): Command {
  return narrowed(new Command("deletes"))
    .description("The records that wait to be deleted, each with its reason.")
    .argument("<sync>", "as belay syncs shows it")
    .option("--limit <number>", "how many", "100")
    .action(async (sync: string, options: SyncOptions & { readonly limit: string }) => {
      const most = readWholeNumber("--limit", options.limit, 100_000);
      const { at, found } = await withServer(options, async ({ belay }) => {
        const one = await findOne(belay, sync, options);
        return { at: one, found: await takeFirst(belay.pendingDeletes(sync, one), most) };
      });
      printResult(options.json, found, () => describePending(at, found));
    });
}

function decideCommand(decision: "approve" | "refuse", does: string): Command {
  return narrowed(new Command(decision))
    .description(does)
    .argument("<sync>", "as belay syncs shows it")
    .action(async (sync: string, options: SyncOptions) => {
      const { count, connection } = await withServer(options, async ({ belay }) => {
        const at = await findOne(belay, sync, options);
        const { tenant } = at;
        return { connection: at.connection, count: await belay.decideDeletes(sync, { tenant, connection: at.connection }, decision) };
      });
      const what = decision === "approve" ? "deleted" : "kept";
      printResult(
        options.json,
        { count },
        () => `${counted(count, "record")} of ${sync} at ${connection} ${count === 1 ? "was" : "were"} ${what}.`,
      );
    });
}

function undoCommand(): Command {
  return narrowed(new Command("undo"))
    .description("Bring back what a walk has deleted; the sync is paused.")
    .argument("<sync>", "as belay syncs shows it")
    .requiredOption("--walk <number>", "as belay syncs show shows it", readNumber)
    .action(async (sync: string, options: SyncOptions & { readonly walk: number }) => {
      const { at, undone } = await withServer(options, async ({ belay }) => {
        const found = await findOne(belay, sync, options);
        return {
          at: found,
          undone: await belay.undoDeletes(sync, { tenant: found.tenant, connection: found.connection, walk: options.walk }),
        };
      });
      printResult(options.json, undone, () => describeUndone(sync, at, undone));
    });
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give the number of a walk, as belay syncs show shows it.");
}

function narrowed(command: Command): Command {
  return inspecting(command).option("--tenant <tenant>", "of this tenant only").option("--connection <id>", "at this connection only");
}

function toQuery({ tenant, connection }: SyncOptions, sync?: string): SyncQuery {
  return {
    ...(tenant !== undefined && { tenant }),
    ...(connection !== undefined && { connection }),
    ...(sync !== undefined && { sync }),
  };
}

async function findAll(belay: BelayClient, sync: string, options: SyncOptions): Promise<readonly ApiSync[]> {
  const found = await belay.syncs(toQuery(options, sync));
  if (found.length > 0) return found;
  throw new BelayError("API_NOT_FOUND", `There is no sync "${sync}" at such a connection: see belay syncs.`);
}

async function findOne(belay: BelayClient, sync: string, options: SyncOptions): Promise<ApiSync> {
  const [first, ...others] = await findAll(belay, sync, options);
  if (first !== undefined && others.length === 0) return first;
  throw new BelayError("API_REQUEST_INVALID", `Sync "${sync}" runs at several connections: name one with --connection.`);
}
