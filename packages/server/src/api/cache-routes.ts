import { z } from "zod";
import { type LookUpCounts, readCache } from "../cache/index.ts";
import { storable, time } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const dayMs = 86_400_000;

const cached = z
  .object({
    tenant: z.string(),
    connection: z.string(),
    resource: z.string(),
    entries: z.number().int(),
    bytes: z.number().int().describe("Of the sealed answers."),
    hits: z.number().int().describe("Look-ups of the last 24 hours that needed no call, of all processes, up to 10 s ago."),
    fromRecords: z.number().int().describe("Hits that a sync's own reading answered."),
    shared: z.number().int().describe("Hits that waited for another who asked the same."),
    misses: z.number().int().describe("Look-ups that asked the provider."),
    hitRate: z.number().nullable().describe("Hits of all look-ups, 0 to 1; null: there were none."),
    endedAt: time.nullable().describe("When something of the resource was last written through Belay, or told of by the provider."),
  })
  .meta({ id: "CachedResource" });

/** What is kept for reads with a `maxAge`, and what it is good for. */
export function registerCacheRoutes(scope: ApiScope, { database: { db }, measures, clock }: ApiParts): void {
  scope.get(
    "/cache",
    {
      config: { permission: "cache.read" },
      schema: {
        operationId: "listCachedResources",
        tags: ["cache"],
        summary: "Resources that are looked up with a `maxAge`, by connection: what is kept, and how often it was of use.",
        querystring: z.object({
          tenant: storable.optional(),
          connection: storable.optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
        response: answers(z.object({ items: z.array(cached) }).meta({ id: "CachedResources" })),
      },
    },
    async ({ query: { tenant, connection, limit } }) => {
      const which = { ...(tenant !== undefined && { tenant }), ...(connection !== undefined && { connection }) };
      const counted = async (): Promise<ReadonlyMap<string, LookUpCounts>> => {
        const { series } = await measures.read({ ...which, kind: "lookup", from: clock.now() - dayMs, step: "1h" });
        return new Map(
          series.map(({ connection: at, endpoint, counts }) => [`${at}\n${endpoint.slice(endpoint.indexOf(".") + 1)}`, toCounts(counts)]),
        );
      };
      return { items: await readCache({ db, counted }, which, limit) };
    },
  );
}

function toCounts(counts: Readonly<Record<string, number>>): LookUpCounts {
  return {
    hits: counts["hit"] ?? 0,
    fromRecords: counts["hit.record"] ?? 0,
    shared: counts["hit.shared"] ?? 0,
    misses: counts["miss"] ?? 0,
  };
}
