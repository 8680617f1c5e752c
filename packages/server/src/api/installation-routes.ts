import { inspectDatabase } from "../db/index.ts";
import { countWaiting } from "../mailbox/index.ts";
import { figures, health, installation } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

/** What runs here, and how it is. */
export function registerInstallationRoutes(scope: ApiScope, parts: ApiParts): void {
  const { database, catalog, clock, threats } = parts;
  const startedAt = new Date(clock.now()).toISOString();
  const tags = ["installation"];
  scope.get(
    "/figures",
    {
      config: { permission: "installation.read" },
      schema: { operationId: "readFigures", tags, summary: "Counts, and the messages that wait now.", response: answers(figures) },
    },
    async () => await readFigures(parts),
  );
  scope.get(
    "/health",
    {
      config: { permission: "installation.read" },
      schema: { operationId: "readHealth", tags, summary: "What threatens the installation.", response: answers(health) },
    },
    () => ({
      ok: threats().length === 0,
      threats: [...threats()],
    }),
  );
  scope.get(
    "/installation",
    {
      config: { permission: "installation.read" },
      schema: {
        operationId: "inspectInstallation",
        tags,
        summary: "Versions, database, clock: what belay doctor looks at.",
        response: answers(installation),
      },
    },
    async () => ({
      node: process.versions.node,
      startedAt,
      now: new Date(clock.now()).toISOString(),
      database: await inspectDatabase(database, () => clock.now()),
      tenants: catalog.hostRoutes.size,
      connections: catalog.connections.size,
      flows: catalog.flows.size,
    }),
  );
}

async function readFigures({ database: { db }, counters }: ApiParts): Promise<(typeof figures)["_output"]> {
  const [fresh, stale] = [counters.get("unified.fresh"), counters.get("unified.stale")];
  return {
    received: counters.get("ingress.received"),
    accepted: counters.get("ingress.accepted"),
    duplicate: counters.get("ingress.duplicate"),
    ignored: counters.get("ingress.ignored"),
    quarantined: counters.get("ingress.quarantined"),
    rejected: counters.under("ingress.rejected."),
    waiting: await countWaiting(db),
    delivered: counters.get("message.delivered"),
    superseded: counters.get("message.superseded"),
    retried: counters.get("message.retried"),
    waited: counters.get("message.waited"),
    deadLettered: counters.get("message.dead-lettered"),
    takenOver: counters.get("mailbox.taken-over"),
    leasesLost: counters.get("mailbox.lease-lost"),
    threadsEnded: counters.get("flow.thread-ended"),
    unified: { fresh, stale, live: counters.get("unified.live"), hitRate: fresh + stale === 0 ? null : fresh / (fresh + stale) },
  };
}
