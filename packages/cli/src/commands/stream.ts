import type { ApiStreamEvent } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { readableTime } from "../inspecting/print.ts";
import { visibleLine } from "../inspecting/visible.ts";

interface StreamOptions extends InspectingOptions {
  readonly tenant?: string;
  readonly type?: string;
  readonly after?: string;
  readonly follow?: boolean;
}

const askEveryMs = 1_000;

/** `belay stream`: what changed its state, oldest first. */
export function streamCommand(): Command {
  return inspecting(new Command("stream"))
    .description(
      "What changed its state, oldest first: dead letters, mailboxes taken over, threats, processes. --json prints a CloudEvent a line.",
    )
    .option("--tenant <tenant>", "of this tenant only")
    .option("--type <type>", "only of this type, such as message.dead-lettered; all are in docs/taxonomy.md")
    .option("--after <place>", "go on after a place, as the last line of an earlier call names it")
    .option("--follow", "stay, and print what comes")
    .action(async (options: StreamOptions) => {
      await withServer(options, async ({ belay }) => {
        const filter = {
          ...(options.tenant !== undefined && { tenant: options.tenant }),
          ...(options.type !== undefined && { type: options.type }),
        };
        let { after } = options;
        for (;;) {
          const page = await belay.stream({ ...filter, ...(after !== undefined && { after }) });
          for (const event of page.items)
            process.stdout.write(`${options.json === true ? JSON.stringify(event) : visibleLine(describe(event))}\n`);
          after = page.next;
          if (page.items.length > 0) continue;
          if (options.follow !== true) break;
          await new Promise((resolve) => setTimeout(resolve, askEveryMs));
        }
        // On standard error: what is printed can go into a file as it is.
        process.stderr.write(`Go on later with --after ${after}\n`);
      });
    });
}

function describe({ time, type, tenant, connection, flow, subject, reference, actor, cause, data }: ApiStreamEvent): string {
  const what = [tenant, connection, flow, subject, reference === undefined ? undefined : `"${reference}"`].filter(
    (part) => part !== undefined,
  );
  const why = [
    cause,
    actor === undefined ? undefined : `by ${actor}`,
    ...Object.entries(data).map(([name, value]) => `${name} ${String(value)}`),
  ];
  return [readableTime(time), type, what.join(" "), why.filter((part) => part !== undefined).join(", ")]
    .filter((part) => part !== "")
    .join("  ");
}
