import { defineConnector } from "@belay/sdk";
import { z } from "zod";

/** A task as the tracker answers it. Only the fields that flows use: what is not named here is dropped. */
const task = z.object({
  id: z.number(),
  /** Ours: tells which issue the task stands for. */
  reference: z.string(),
  title: z.string(),
  done: z.boolean(),
});

/** What may be written. Strict, so that a misspelt field is refused here and not ignored there. */
const fields = z.strictObject({ reference: z.string(), title: z.string().min(1), done: z.boolean() });

/**
 * The contract of a task tracker, made up for this example. The same declaration is the typed client in a flow and the simulated provider in
 * `belay dev --simulate` and in tests.
 */
export const tracker = defineConnector({
  id: "tracker",
  title: "Task tracker",
  baseUrl: "https://tracker.example/api",
  auth: { kind: "bearer" },
  limits: [{ requests: 100, per: "1m" }],
  resources: {
    task: {
      path: "/tasks",
      id: "id",
      schema: task,
      get: {},
      // GET /tasks?reference=…
      find: { by: ["reference"], style: { kind: "query" } },
      // It knows no idempotency keys. When an answer is lost, the task is looked for before it is made again.
      create: { input: fields, safety: { kind: "readBack", readBack: { by: "reference" } } },
      // Writing the same fields twice is the same as once.
      update: { input: fields.partial(), method: "PATCH", safety: { kind: "natural" } },
    },
  },
});
