import { describe, suggest } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { toMs } from "../duration.ts";
import type { Limit } from "./limit.ts";
import type { ConnectorDefinition } from "./types.ts";

const dayMs = 86_400_000;

/** What the fields of a limit say about each other. */
export function checkLimits({ limits, resources }: Pick<ConnectorDefinition, "limits" | "resources">, refuse: Refuse): void {
  for (const [index, limit] of (limits ?? []).entries()) {
    const field = `limits.${index}`;
    checkAmounts(limit, field, refuse);
    checkAlign(limit, field, refuse);
    for (const [member, endpoint] of [
      ["endpoint", limit.endpoint],
      ...Object.keys(limit.costs ?? {}).map((name) => ["costs", name] as const),
    ] as const)
      checkEndpoint(endpoint, Object.keys(resources), `${field}.${member}`, refuse);
  }
}

function checkAmounts({ requests, per, concurrent, cost, costs, reserve }: Limit, field: string, refuse: Refuse): void {
  if (requests === undefined && concurrent === undefined)
    refuse(`${field}.requests`, "nothing", "Say how many requests are allowed, with per, or how many at once, with concurrent.");
  if (requests !== undefined && per === undefined)
    refuse(`${field}.per`, "nothing", 'Say in which time so many requests are allowed, such as "10s".');
  if (requests === undefined && per !== undefined) refuse(`${field}.requests`, "nothing", "Say how many are allowed in that time.");
  const dearest = Math.max(cost ?? 1, ...Object.values(costs ?? {}));
  if (requests !== undefined && dearest > requests)
    refuse(`${field}.cost`, String(dearest), `A call that costs more than all ${requests} could never be made.`);
  const kept = Object.values(reserve ?? {}).reduce((sum, share) => sum + share, 0);
  if (kept > 0.9) refuse(`${field}.reserve`, String(kept), "Leave a tenth for everybody: the shares are at most 0.9 together.");
}

function checkAlign({ align, per, counts }: Limit, field: string, refuse: Refuse): void {
  if (align === undefined) return;
  if (counts === "sliding" || counts === "leaky")
    refuse(`${field}.align`, describe(align), "Only windows one after another begin at a time: leave it out, or count fixed.");
  const perMs = per === undefined ? 0 : toMs(per);
  if (perMs !== dayMs && (perMs <= 0 || dayMs % perMs !== 0))
    refuse(`${field}.per`, describe(per), 'Windows by the clock last a day or divide it evenly: "1d", "1h", "15m".');
  try {
    new Intl.DateTimeFormat("en", { timeZone: align });
  } catch {
    // Whatever Intl throws, it does not know the zone; who wrote it is told below.
    refuse(`${field}.align`, describe(align), "Name a time zone of the IANA database, such as UTC or America/Los_Angeles.");
  }
}

function checkEndpoint(endpoint: string | undefined, resources: readonly string[], field: string, refuse: Refuse): void {
  if (endpoint === undefined || endpoint.includes(" ")) return;
  const [resource = ""] = endpoint.split(".");
  if (!resources.includes(resource)) refuse(field, describe(endpoint), suggest(resource, resources));
}
