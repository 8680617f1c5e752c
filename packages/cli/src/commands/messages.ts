import type { ApiMessage, MessageQuery } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { progressWhenSlow } from "../inspecting/late-progress.ts";
import { printResult, readableTime, shortened, tableOf } from "../inspecting/print.ts";
import { readSince, takeFirst } from "../inspecting/read-query.ts";
import { invalidOption, readWholeNumber } from "../read-option.ts";

interface MessagesOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly mailbox?: string;
  readonly flow?: string;
  readonly state?: string;
  readonly since?: string;
  readonly ref?: string;
  readonly limit: string;
}

const states = ["waiting", "parked", "dead", "delivered", "superseded", "discarded"] as const satisfies readonly ApiMessage["state"][];

/** `belay messages`: what became of events, newest first. */
export function messagesCommand(): Command {
  return inspecting(new Command("messages"))
    .description("What became of events, newest first.")
    .option("--tenant <tenant>", "of this tenant only; the fastest search")
    .option("--mailbox <mailbox>", "only those for <connection>/<lane>, such as acme-zendesk/event")
    .option("--flow <flow>", "only those of this flow")
    .option("--state <state>", `only those that are ${states.join(", ")}`)
    .option("--since <when>", "received at most so long ago (15m, 2h, 3d), or since a time")
    .option("--ref <handle>", "by any handle: a trace, an event's id, an order key, an e-mail address, an order number; with --tenant only")
    .option("--limit <number>", "how many", "20")
    .action(async (options: MessagesOptions) => {
      const most = readWholeNumber("--limit", options.limit, 10_000);
      const { ref } = options;
      if (ref !== undefined) {
        await findByHandle(ref, options, most);
        return;
      }
      const query = readQuery(options);
      const found = await withServer(options, async ({ belay }) => {
        using _progress = progressWhenSlow("Searching");
        return await takeFirst(belay.messages(query), most);
      });
      printResult(options.json, found, () => describe(found));
    });
}

/** Lists what a handle leads to, with what the handle is of each. Other filters than the tenant do not apply. @throws `CLI_OPTION_INVALID`. */
async function findByHandle(ref: string, options: MessagesOptions, most: number): Promise<void> {
  const other = (["mailbox", "flow", "state", "since"] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw invalidOption(`--${other}`, "does not go with --ref; only --tenant does.");
  const found = await withServer(options, async ({ belay }) => await takeFirst(belay.stories(ref, options.tenant), most));
  printResult(options.json, found, () => {
    const rows = found.items.map(({ message: { id, receivedAt, tenant, state, connection, eventType }, foundBy }) => [
      String(id),
      readableTime(receivedAt),
      state,
      tenant,
      `${connection} ${shortened(eventType, 30)}`,
      foundBy.join(", "),
    ]);
    return tableOf(["id", "received", "state", "tenant", "event", "found by"], rows, `Nothing is found by "${ref}".`);
  });
}

function readQuery({ tenant, mailbox, flow, state, since }: MessagesOptions): MessageQuery {
  const known = states.find((each) => each === state);
  if (state !== undefined && known === undefined) throw invalidOption("--state", `takes one of ${states.join(", ")}; this was "${state}".`);
  return {
    ...(tenant !== undefined && { tenant }),
    ...(mailbox !== undefined && { mailbox }),
    ...(flow !== undefined && { flow }),
    ...(known !== undefined && { state: known }),
    ...(since !== undefined && { since: readSince(since) }),
  };
}

function describe({ items, more }: { readonly items: readonly ApiMessage[]; readonly more: boolean }): string {
  const rows = items.map(({ id, receivedAt, tenant, state, flow, connection, eventType, attempts, code }) => [
    String(id),
    readableTime(receivedAt),
    state,
    tenant,
    `${connection} ${shortened(eventType, 30)}`,
    flow,
    code === null ? (attempts > 1 ? `attempt ${attempts}` : "") : attempts === 0 ? code : `${code}, ${attempts} failed`,
  ]);
  const table = tableOf(
    ["id", "received", "state", "tenant", "event", "flow", ""],
    rows,
    "No messages. Send an event with belay send <connection> <event type>; one that no flow listens to leaves none.",
  );
  if (items.length === 0) return table;
  return `${table}\n\n${more ? "There are more: --limit. " : ""}The whole story of one: belay show ${items[0]?.id ?? "<id>"}`;
}
