import type { ApiView, ApiViewRow } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { counted, printResult, readableSeconds, tableOf } from "../inspecting/print.ts";

interface ViewsOptions extends InspectingOptions {
  readonly tenant: string;
  readonly email?: string;
}

/** `belay views [view]`: views of a tenant, or the rows of one. */
export function viewsCommand(): Command {
  return inspecting(new Command("views"))
    .description("Views of a tenant: how many rows they have and how far behind the changes they are; with a name, its rows.")
    .argument("[view]", "the view's id")
    .requiredOption("--tenant <tenant>", "whose")
    .option("--email <address>", "only rows of which a record has this address")
    .action(async (view: string | undefined, { tenant, email, ...options }: ViewsOptions) => {
      if (view === undefined) {
        const items = await withServer(options, async ({ belay }) => await belay.views.list(tenant));
        printResult(options.json, { items }, () =>
          tableOf(
            ["view", "model", "rows", "behind", "state"],
            items.map(toRow),
            "No views: defineView declares one, and the configuration names it.",
          ),
        );
        return;
      }
      const page = await withServer(
        options,
        async ({ belay }) => await belay.views.rows(view, { tenant, ...(email !== undefined && { email }) }),
      );
      printResult(options.json, page, () => {
        const rows = tableOf(["id", "name", "from", "age", "stale"], page.items.map(toThing), "No rows.");
        const more = page.next === null ? "" : "\nThere are more: GET /v1/views pages through them.";
        return `${rows}${more}${page.behind > 0 ? `\n${counted(page.behind, "change")} not taken in yet.` : ""}`;
      });
    });
}

function toRow({ view, model, rows, behind, building }: ApiView): string[] {
  return [view, model, String(rows), String(behind), building ? "building" : "kept up"];
}

function toThing({ id, data, sources, ageSeconds, stale }: ApiViewRow): string[] {
  const name = data["name"];
  const from = sources.map(({ connection, externalId }) => `${connection}/${externalId}`).join(", ");
  return [
    id,
    typeof name === "string" ? name : "",
    from,
    ageSeconds === null ? "not known" : readableSeconds(ageSeconds),
    stale ? "yes" : "no",
  ];
}
