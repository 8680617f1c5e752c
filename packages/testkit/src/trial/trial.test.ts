import { defineConnector, defineFlow } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { expect, test } from "vitest";
import { z } from "zod";
import { openTrial } from "./index.ts";

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "order.placed": z.object({ id: z.string(), total: z.number() }), "order.paid": z.object({ id: z.string() }) },
  },
});
const books = defineConnector({
  id: "books",
  title: "Books",
  baseUrl: "https://{region}.books.example",
  auth: { kind: "apiKey", header: "x-key" },
  resources: {
    entry: {
      path: "/entries",
      id: "id",
      schema: z.object({ id: z.number(), order: z.string(), at: z.string() }),
      create: {
        input: z.strictObject({ order: z.string(), at: z.string() }),
        safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" },
      },
    },
  },
});

let outages = 0;
const booking = defineFlow({
  id: "booking",
  on: shop.events["order.placed"],
  to: books,
  async run({ event, target, step }) {
    const at: unknown = await step("time", async () => new Date(0));
    await step("book", () => target.entry.create({ order: event.id, at: String(at) }));
    if ((outages -= 1) >= 0) throw new Error("The machine stopped.");
  },
});
const placed = { id: "o-1", total: 3 };

test("an event runs through the flow, and the target tells what was written", async () => {
  await using trial = await openTrial(booking);
  await trial.run(placed);
  // A step's result has been through JSON, as in a worker.
  expect(trial.history().writes).toMatchObject([{ resource: "entry", fields: { order: "o-1", at: "1970-01-01T00:00:00.000Z" } }]);
});

test("the same key is another attempt: finished steps are not run again, while another event has effects of its own", async () => {
  outages = 1;
  await using trial = await openTrial(booking);
  await expect(trial.run(placed, { key: "first" })).rejects.toThrow("The machine stopped.");
  await trial.run(placed, { key: "first" });
  expect(trial.history().writes).toHaveLength(1);
  await trial.run(placed);
  expect(trial.history().writes).toHaveLength(2);
});

test("a write whose answer is lost is made once, because its key is the same in the next try", async () => {
  await using trial = await openTrial(booking, {
    faults: [{ method: "POST", path: "/entries", times: 1, fault: { kind: "reset-after-commit" } }],
  });
  await trial.run(placed);
  expect([trial.history().writes.length, trial.history().requests.length]).toEqual([1, 2]);
});

test("an event that does not fit its schema is refused, by the name of the field", async () => {
  await using trial = await openTrial(booking);
  await expect(trial.run({ id: "o-1" })).rejects.toThrow(/order\.placed: total/);
  await expect(trial.run(placed, { type: "order.paid" })).rejects.toThrow(/listens to order\.placed/);
});
