import { BelayError } from "@belay/sdk";
import type { ApiDiscrepancy, ApiReconciliation, AtConnection, BelayClient } from "@belay/sdk/client";
import { Command, InvalidArgumentError } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { describeDiscrepancies, describeProven, describeReconciliations } from "../inspecting/describe-reconciliations.ts";
import { progressWhenSlow } from "../inspecting/late-progress.ts";
import { counted, printResult } from "../inspecting/print.ts";

interface ReconcileOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly connection?: string;
}

/** Between two looks at a comparison that walks. */
const lookMs = 500;
/** What is shown of a comparison; the rest comes with --json. */
const mostShown = 50;

/** `belay reconcile`: whether what is kept is what the provider has, and what would make it so. */
export function reconcileCommand(): Command {
  const command = new Command("reconcile").description("Compare what is kept with what the provider lists, and repair what differs.");
  command.addCommand(runCommand(), { isDefault: true });
  command.addCommand(listCommand());
  command.addCommand(showCommand());
  command.addCommand(applyCommand());
  return command;
}

function runCommand(): Command {
  return narrowed(new Command("run"))
    .description("Compare everything now; no record is changed. Waits for the end.")
    .argument("<sync>", "as belay syncs shows it")
    .option("--sample <share>", "compare so many of the records field by field, 0 to 1", toShare)
    .action(async (sync: string, { sample, ...options }: ReconcileOptions & { readonly sample?: number }) => {
      const { at, done } = await withServer(options, async ({ belay }) => {
        const found = await findOne(belay, sync, options);
        const { id } = await belay.reconcile(sync, { ...found, ...(sample !== undefined && { sample }) });
        return { at: found, done: await ended(belay, sync, found, id) };
      });
      printResult(options.json, done, () => describeReconciliations([done], sync, at.connection));
    });
}

function listCommand(): Command {
  return narrowed(new Command("list"))
    .description("Comparisons, newest first, and when both sides were last proven equal.")
    .argument("<sync>", "as belay syncs shows it")
    .action(async (sync: string, options: ReconcileOptions) => {
      const { at, found } = await withServer(options, async ({ belay }) => {
        const one = await findOne(belay, sync, options);
        return { at: one, found: await belay.reconciliations(sync, one) };
      });
      const table = (): string => describeReconciliations(found.items, sync, at.connection);
      printResult(options.json, found, () => `${table()}\n\n${describeProven(found.provenEqualAt)}`);
    });
}

function showCommand(): Command {
  return narrowed(new Command("show"))
    .description("What a comparison found, record by record.")
    .argument("<sync>", "as belay syncs shows it")
    .argument("<comparison>", "its number", toCount)
    .action(async (sync: string, id: number, options: ReconcileOptions) => {
      const items = await withServer(options, async ({ belay }) => {
        const at = await findOne(belay, sync, options);
        const found: ApiDiscrepancy[] = [];
        for await (const one of belay.discrepancies(sync, { ...at, id })) found.push(one);
        return found;
      });
      printResult(options.json, { items }, () => describeDiscrepancies(items, mostShown));
    });
}

function applyCommand(): Command {
  return narrowed(new Command("apply"))
    .description("Repair what a comparison has found; what has changed since is left alone.")
    .argument("<sync>", "as belay syncs shows it")
    .argument("<comparison>", "its number", toCount)
    .requiredOption("--most <records>", "touch at most so many records", toCount)
    .option("--approve-deletes", "delete also where that is more than the sync deletes by itself")
    .action(async (sync: string, id: number, { most, approveDeletes = false, ...options }: ReconcileOptions & ApplyOptions) => {
      const done = await withServer(options, async ({ belay }) => {
        const at = await findOne(belay, sync, options);
        return await belay.applyReconciliation(sync, { ...at, id, most, approveDeletes });
      });
      const { applied, skipped, held, left, waits } = done;
      const heldText = held > 0 ? ` ${counted(held, "delete")} ${held === 1 ? "waits" : "wait"} for --approve-deletes.` : "";
      const waitsText = waits ? " A walk is under way: the rest can be deleted when it has ended." : "";
      printResult(
        options.json,
        done,
        () => `${applied} repaired, ${skipped} left alone because they had changed since, ${left} left.${heldText}${waitsText}`,
      );
    });
}

interface ApplyOptions {
  readonly most: number;
  readonly approveDeletes?: boolean;
}

async function ended(belay: BelayClient, sync: string, at: AtConnection, id: number): Promise<ApiReconciliation> {
  using progress = progressWhenSlow(`Comparing ${sync} at ${at.connection}`);
  for (;;) {
    const { items } = await belay.reconciliations(sync, at);
    const found = items.find((one) => one.id === id);
    if (found === undefined) throw new BelayError("API_NOT_FOUND", `Comparison ${id} of sync "${sync}" is gone.`);
    if (found.state !== "waiting" && found.state !== "walking") return found;
    progress.update(describeComparing(found));
    await sleep(lookMs);
  }
}

function describeComparing({ state, compared, kept }: ApiReconciliation): string {
  if (state === "waiting") return "it begins when the sync is idle and has read everything once";
  return `${compared} listed${kept === null ? "" : `, ${kept} kept`}`;
}

function narrowed(command: Command): Command {
  return inspecting(command).option("--tenant <tenant>", "of this tenant only").option("--connection <id>", "at this connection only");
}

async function findOne(belay: BelayClient, sync: string, { tenant, connection }: ReconcileOptions): Promise<AtConnection> {
  const query = { sync, ...(tenant !== undefined && { tenant }), ...(connection !== undefined && { connection }) };
  const [first, ...others] = await belay.syncs(query);
  if (first === undefined) throw new BelayError("API_NOT_FOUND", `There is no sync "${sync}" at such a connection: see belay syncs.`);
  if (others.length === 0) return { tenant: first.tenant, connection: first.connection };
  throw new BelayError("API_REQUEST_INVALID", `Sync "${sync}" runs at several connections: name one with --connection.`);
}

function toCount(value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("Give a whole number above 0.");
}

function toShare(value: string): number {
  const share = Number(value);
  if (value !== "" && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("Give a share from 0 to 1, such as 0.05.");
}
