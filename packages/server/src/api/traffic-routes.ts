import { pauseWork, readBacklog, readPauses, readWeights, resumeWork, setWeight } from "../traffic/index.ts";
import { defaultWeights } from "../mailbox/index.ts";
import type { Db } from "../db/index.ts";
import { z } from "zod";
import { count, storable } from "./schemas.ts";
import { backlog, pauseOrder, pauseRequest, pauses, weightRequest, weights } from "./traffic-schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["traffic"];

/** What waits, what is paused, and who gets how much. */
export function registerTrafficRoutes(scope: ApiScope, parts: ApiParts): void {
  const { db } = parts.database;
  scope.get(
    "/backlog",
    {
      config: { permission: "backlog.read" },
      schema: {
        operationId: "readBacklog",
        tags,
        summary: "What waits, by tenant, most first, and when it will be done.",
        querystring: z.object({ tenant: storable.optional(), limit: z.coerce.number().int().min(1).max(500).default(50) }),
        response: answers(backlog),
      },
    },
    async ({ query: { tenant, limit } }) => ({ items: await readBacklog(db, tenant, limit) }),
  );
  registerPauses(scope, parts);
  scope.get(
    "/weights",
    {
      config: { permission: "traffic.read" },
      schema: { operationId: "readWeights", tags, summary: "How much each gets, compared with the others.", response: answers(weights) },
    },
    async () => await allWeights(db),
  );
  scope.put(
    "/weights",
    {
      config: { permission: "traffic.manage" },
      schema: {
        operationId: "setWeight",
        tags,
        summary: "Sets the weight of a tenant or a lane; all processes follow within a second.",
        body: weightRequest,
        response: answers(weights),
      },
    },
    async ({ body: { tenant, lane, weight }, principal: { actor } }) => {
      if (tenant !== undefined) await setWeight(db, { tenant }, weight, actor);
      else if (lane !== undefined) await setWeight(db, { lane }, weight, actor);
      await parts.traffic.sync();
      return await allWeights(db);
    },
  );
}

function registerPauses(scope: ApiScope, { database: { db }, catalog, traffic, onReady }: ApiParts): void {
  scope.get(
    "/pauses",
    {
      config: { permission: "traffic.read" },
      schema: { operationId: "listPauses", tags, summary: "What is paused, by whom, and why.", response: answers(pauses) },
    },
    async () => await allPauses(db),
  );
  scope.post(
    "/pauses",
    {
      config: { permission: "traffic.manage" },
      schema: {
        operationId: "pauseWork",
        tags,
        summary: "Pauses a tenant, a connection, a flow or a connector.",
        description:
          "All processes follow within a second. What runs may end, nothing more begins, no attempt is counted; calls through the proxy are refused. Pausing it twice is safe: the first reason stays.",
        body: pauseRequest,
        response: answers(pauses),
      },
    },
    async ({ body: { why, ...order }, principal: { actor } }) => {
      await pauseWork(db, catalog, order, { why, actor });
      await traffic.sync();
      return await allPauses(db);
    },
  );
  scope.post(
    "/pauses/resume",
    {
      config: { permission: "traffic.manage" },
      schema: {
        operationId: "resumeWork",
        tags,
        summary: "Lets go on what was paused. The count is 0 when it was not.",
        body: pauseOrder,
        response: answers(count),
      },
    },
    async ({ body, principal: { actor } }) => {
      const resumed = await resumeWork(db, catalog, body, { actor });
      await traffic.sync();
      onReady();
      return { count: resumed === undefined ? 0 : 1 };
    },
  );
}

async function allPauses(db: Db): Promise<z.infer<typeof pauses>> {
  const items = await readPauses(db);
  return { items: items.map(({ tenant, ...pause }) => ({ ...pause, tenant: tenant === "" ? null : tenant })) };
}

async function allWeights(db: Db): Promise<z.infer<typeof weights>> {
  const rows = await readWeights(db);
  const lanes = { ...defaultWeights.lanes };
  for (const { lane, weight } of rows) if (lane !== "") lanes[lane] = weight;
  return { lanes, tenants: Object.fromEntries(rows.flatMap(({ tenant, weight }) => (tenant === "" ? [] : [[tenant, weight]]))) };
}
