import { z } from "zod";
import { measured, measureQuery } from "./measure-schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

const tags = ["measures"];

/** What was counted, for people and for Prometheus. */
export function registerMeasureRoutes(scope: ApiScope, { measures }: ApiParts): void {
  scope.get(
    "/measures",
    {
      config: { permission: "measures.read" },
      schema: {
        operationId: "readMeasures",
        tags,
        summary: "How many, how long, how late, how often failed.",
        description: "By tenant, connection, flow and endpoint. Minutes are kept for 2 days, hours for 400, unless configured otherwise.",
        querystring: measureQuery,
        response: answers(measured),
      },
    },
    async ({ query: { from, to, tenant, kind, connection, flow, endpoint, step } }) => {
      const found = await measures.read({
        ...(tenant !== undefined && { tenant }),
        ...(kind !== undefined && { kind }),
        ...(connection !== undefined && { connection }),
        ...(flow !== undefined && { flow }),
        ...(endpoint !== undefined && { endpoint }),
        ...(step !== undefined && { step }),
        ...(from !== undefined && { from: Date.parse(from) }),
        ...(to !== undefined && { to: Date.parse(to) }),
      });
      return {
        from: toTime(found.from),
        to: toTime(found.to),
        resolution: found.resolution,
        series: found.series.map((series) => ({
          ...series,
          points: series.points.map((point) => ({ ...point, at: toTime(point.at) })),
        })),
      };
    },
  );
  scope.get(
    "/metrics",
    {
      config: { permission: "installation.read" },
      schema: {
        operationId: "exposeMetrics",
        tags,
        summary: "Metrics of this process, for Prometheus.",
        description: "Text format 0.0.4. Counts begin at the start of the process that answers: scrape each.",
        produces: ["text/plain"],
        response: {
          ...answers(z.unknown()),
          200: { description: "Metrics.", content: { "text/plain": { schema: z.string() } } },
        },
      },
    },
    async (_request, reply) => await reply.type("text/plain; version=0.0.4; charset=utf-8").send(await measures.expose()),
  );
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
