import { z } from "zod";
import { cancelRun, readRuns, startRun } from "../batches/index.ts";
import { count, storable, time } from "./schemas.ts";
import { once } from "./once.ts";
import { answers, type ApiParts, type ApiScope, idempotencyHeader } from "./scope.ts";

const tags = ["batches"];

const run = z
  .object({
    tenant: z.string(),
    id: z.string(),
    batch: z.string(),
    connection: z.string().describe("The one that is written to."),
    state: z
      .enum(["reading", "stuck", "working", "finished", "cancelled"])
      .describe(
        "stuck: a page could not be read, and its dead letter waits for a person; replay it, or cancel the run. working: everything was read, and some of it waits. finished: nothing is left to do but what failed.",
      ),
    items: z.number().int().describe("Read so far."),
    total: z.number().int().nullable().describe("As the source says. null: it does not."),
    done: z.number().int(),
    failed: z.number().int().describe("Dead letters, which wait for a person."),
    waiting: z.number().int(),
    etaSeconds: z
      .number()
      .int()
      .nullable()
      .describe("When everything is done at the pace so far. null: how much there is, is not known yet, or nothing was done."),
    startedBy: z.string().describe("As in the audit log; `schedule` where nobody did."),
    startedAt: time,
    readAt: time.nullable().describe("When the last page was read, or the run was cancelled."),
  })
  .meta({ id: "BatchRun" });

/** Runs of batches. They are paused like any other flow. */
export function registerBatchRoutes(scope: ApiScope, { database: { db }, cipher, catalog, onCommitted }: ApiParts): void {
  scope.get(
    "/batches",
    {
      config: { permission: "batches.read" },
      schema: {
        operationId: "listBatchRuns",
        tags,
        summary: "Runs of batches and how far they are, the newest first.",
        querystring: z.object({
          tenant: storable.optional(),
          batch: storable.optional(),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: answers(z.object({ items: z.array(run) }).meta({ id: "BatchRuns" })),
      },
    },
    async ({ query: { tenant, batch, limit } }) => ({
      items: await readRuns(db, { ...(tenant !== undefined && { tenant }), ...(batch !== undefined && { batch }) }, limit),
    }),
  );
  scope.post(
    "/batches/:batch/runs",
    {
      config: { permission: "batches.manage" },
      schema: {
        operationId: "startBatchRun",
        tags,
        summary: "Starts a run of a batch for a tenant.",
        params: z.object({ batch: storable }),
        headers: idempotencyHeader,
        body: z.object({ tenant: storable, input: z.unknown().optional().describe("For the source; anything that is JSON.") }),
        response: answers(z.object({ id: z.string() }).meta({ id: "StartedBatchRun" }), 202),
      },
    },
    async ({ url, params: { batch }, body: { tenant, input }, headers, principal: { actor } }, reply) => {
      const request = `POST ${url} ${JSON.stringify(input)}`;
      const started = await once({ db, cipher }, { key: headers["idempotency-key"], tenant, request }, async () => ({
        id: await startRun({ db, cipher, catalog, onCommitted }, { tenant, batch, input: input ?? null, actor }),
      }));
      return await reply.code(202).send(started);
    },
  );
  scope.post(
    "/batches/runs/:id/cancel",
    {
      config: { permission: "batches.manage" },
      schema: {
        operationId: "cancelBatchRun",
        tags,
        summary: "Ends the reading of a run: nothing more is added. What was read is still worked through.",
        params: z.object({ id: storable }),
        body: z.object({ tenant: storable }),
        response: answers(count),
      },
    },
    async ({ params: { id }, body: { tenant } }) => {
      await cancelRun(db, { tenant, id });
      return { count: 1 };
    },
  );
}
