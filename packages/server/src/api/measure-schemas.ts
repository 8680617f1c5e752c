import { z } from "zod";
import { storable } from "./schemas.ts";

const moment = z.iso.datetime({ offset: true });

export const measureQuery = z.object({
  tenant: storable.optional(),
  kind: z
    .enum(["ingest", "run", "call", "queue", "lookup"])
    .optional()
    .describe(
      "ingest: events as they came in. run: messages. call: attempts of HTTP calls. queue: what waits. lookup: reads with a maxAge, good is what needed no call.",
    ),
  connection: storable.optional().describe("Of ingest the one that events came from, else the one that is written to."),
  flow: storable.optional(),
  endpoint: storable.optional().describe("`zendesk.ticket.create` of a call, `github.webhooks` or `host.events` of what came in."),
  from: moment.optional().describe("Default: an hour ago. Whole minutes or hours count."),
  to: moment.optional().describe("Default: now."),
  step: z.enum(["1m", "1h"]).optional().describe("How long a point is. Without it totals only."),
});

const ms = z.number().describe("Milliseconds.");
const distribution = z
  .object({ count: z.number().int(), mean: ms, p50: ms, p95: ms, p99: ms, max: ms })
  .meta({ id: "Distribution", description: "Percentiles are within 1 % of the true value." });
const totals = {
  counts: z
    .record(z.string(), z.number())
    .describe("By name, such as delivered, dead.HTTP_REFUSED, status.429; see docs/guide/measures.md."),
  successRate: z.number().nullable().describe("0 to 1, of what has ended; null when nothing has."),
  latency: distribution.nullable().describe("Of ingest until the answer, of run one run, of call one attempt."),
  lag: distribution.nullable().describe("From receipt to delivery; of run only."),
};
const at = z.iso.datetime();
const series = z
  .object({
    kind: z.enum(["ingest", "run", "call", "queue", "lookup"]),
    tenant: z.string(),
    connection: z.string(),
    flow: z.string(),
    endpoint: z.string(),
    ...totals,
    points: z.array(z.object({ at, ...totals })),
  })
  .meta({ id: "MeasuredSeries" });

export const measured = z
  .object({
    from: at,
    to: at,
    resolution: z.enum(["minute", "hour"]).describe("Of what was read: hours where the span begins before the minutes that are kept."),
    series: z.array(series),
  })
  .meta({ id: "Measured", description: "What all processes counted, as far as they have written it: up to 10 s ago." });
