import { existsSync, statfsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "@belay/sdk";
import { type Finding, note, well, wrong } from "./finding.ts";

const oldestNode = 24;
const leastFreeBytes = 1_000_000_000;

export function lookAtNode(version = process.versions.node): Finding {
  return Number.parseInt(version, 10) < oldestNode
    ? wrong("node", version, `Belay needs Node ${oldestNode} or newer: npm install node@${oldestNode}, or from https://nodejs.org.`)
    : well("node", version);
}

export function lookAtDisk(folder = "."): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const found = `${(free / 1_000_000_000).toFixed(1)} GB free here`;
  return free < leastFreeBytes ? wrong("disk", found, "Make room: a database that cannot write takes nothing in.") : well("disk", found);
}

/** Loads the configuration as a server would, and looks at what it says of webhooks. */
export async function lookAtConfig(file: string, simulated: boolean): Promise<Finding[]> {
  const path = resolve(file);
  if (!existsSync(path))
    return [note("configuration", `${path} does not exist`, "Go to the folder with your belay.config.ts, or name it with --config.")];
  const { loadConfig } = await import("@belay/server");
  try {
    const config = await loadConfig(pathToFileURL(path).href);
    return [well("configuration", countParts(config)), ...lookAtEndpoints(config, simulated)];
  } catch (error) {
    return [wrong("configuration", error instanceof Error ? error.message : String(error), "Mend what it names; belay check has more.")];
  }
}

/** What hardly anybody has is named where there is some. */
function countParts({ connectors, flows, connections, syncs = [], twoWays = [], batches = [], views = [] }: Config): string {
  const more = [
    [syncs.length, "syncs"],
    [twoWays.length, "two-way syncs"],
    [batches.length, "batches"],
    [views.length, "views"],
  ] as const;
  return [
    `${connectors.length} connectors, ${flows.length} flows, ${connections.length} connections`,
    ...more.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`),
  ].join(", ");
}

/** Connections whose provider sends events that a flow wants, but that have no endpoint to receive them. */
function lookAtEndpoints({ connections, flows }: Config, simulated: boolean): Finding[] {
  if (simulated) return [well("endpoints", "drawn by belay dev --simulate")];
  const wanted = new Set(flows.flatMap(({ on }) => on.map(({ connector }) => connector)));
  const deaf = connections.filter(({ connector, endpoint }) => wanted.has(connector) && endpoint === undefined).map(({ id }) => id);
  if (deaf.length === 0)
    return [well("endpoints", `${connections.filter(({ endpoint }) => endpoint !== undefined).length} connections receive webhooks`)];
  return [
    note(
      "endpoints",
      `${deaf.join(", ")} receive no webhooks, though flows listen to their events`,
      "Give each an endpoint and webhookSecrets, and that URL to the provider.",
    ),
  ];
}
