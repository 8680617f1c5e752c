import type { ApiCachedResource } from "@belay/sdk/client";
import { Command } from "commander";
import { inspecting, type InspectingOptions, withServer } from "../inspecting/connect.ts";
import { printResult, readableTime, tableOf } from "../inspecting/print.ts";

/** `belay cache`: what is kept, and what it is good for. */
export function cacheCommand(): Command {
  return inspecting(new Command("cache"))
    .description("What is kept for reads with a maxAge, by connection and resource, and how often it saved a call.")
    .option("--tenant <tenant>", "of this tenant only")
    .option("--connection <id>", "of this connection only")
    .action(async ({ tenant, connection, ...options }: InspectingOptions & { readonly tenant?: string; readonly connection?: string }) => {
      const query = { ...(tenant !== undefined && { tenant }), ...(connection !== undefined && { connection }) };
      const items = await withServer(options, async ({ belay }) => await belay.cache.resources(query));
      printResult(options.json, { items }, () =>
        tableOf(
          ["connection", "resource", "tenant", "hit rate", "hits", "misses", "entries", "bytes", "last changed"],
          items.map(toRow),
          'Nothing was looked up yet: client.contact.get(id, { maxAge: "5m" }) does.',
        ),
      );
    });
}

function toRow({ connection, resource, tenant, hitRate, hits, misses, entries, bytes, endedAt }: ApiCachedResource): string[] {
  const rate = hitRate === null ? "-" : `${(hitRate * 100).toFixed(1)} %`;
  const changed = endedAt === null ? "-" : readableTime(endedAt);
  return [connection, resource, tenant, rate, String(hits), String(misses), String(entries), String(bytes), changed];
}
