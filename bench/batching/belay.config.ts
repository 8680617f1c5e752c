import { defineConfig, defineConnector, defineFlow } from "@belay/sdk";
import type { BulkSafety } from "@belay/sdk";
import { z } from "zod";
import { connections, source } from "../pipeline/belay.config.ts";

/** A provider that takes 100 items a call. `itemKey`: it remembers a key of each; `readBack`: it knows none, so that items are looked for. */
function sinkWith(safety: BulkSafety) {
  return defineConnector({
    id: "sink",
    title: "Sink",
    baseUrl: "https://sink.example",
    auth: { kind: "bearer" },
    errors: [
      { status: 422, code: "SINK_NAME_BAD", class: "record-refused", retry: "never", meaning: "The name is bad.", answers: ["invalid"] },
      { status: 409, code: "SINK_NAME_TAKEN", class: "record-refused", retry: "never", meaning: "The name is taken.", answers: ["taken"] },
    ],
    resources: {
      record: {
        path: "/records",
        id: "id",
        schema: z.object({ id: z.string(), name: z.string() }),
        wrap: { many: "records" },
        find: { by: ["name"], style: { kind: "query" } },
        create: { input: z.object({ name: z.string() }), safety: { kind: "readBack", readBack: { by: "name" } } },
        createMany: {
          path: "/records/batch",
          most: 100,
          items: "items",
          outcomes: { results: "results", match: "position", record: "record", status: { at: "status" } },
          safety,
        },
      },
    },
    simulator: { resources: { record: { unique: ["name"] } } },
  });
}

export const sinks = {
  itemKey: sinkWith({ kind: "itemKey", member: "key", keptFor: "1d" }),
  readBack: sinkWith({ kind: "readBack", readBack: { by: "name" } }),
} as const;

export type Safety = keyof typeof sinks;

const sink = process.env["BENCH_SAFETY"] === "readBack" ? sinks.readBack : sinks.itemKey;

/** One event, one record, as anybody would write it: nothing here knows of batches. */
const forward = defineFlow({
  id: "forward",
  on: source.events["thing.changed"],
  to: sink,
  async run({ event: { id }, target: { record } }) {
    await record.create({ name: id });
  },
});

export default defineConfig({ connectors: [source, sink], flows: [forward], connections });
