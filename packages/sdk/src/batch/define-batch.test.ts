import { describe, expect, test } from "vitest";
import { z } from "zod";
import { batchEvents, type Batch, defineBatch, defineConnector, pageStep, type ReadPage } from "../index.ts";

const mailer = defineConnector({
  id: "mailer",
  title: "Mailer",
  baseUrl: "https://mailer.example",
  auth: { kind: "bearer" },
  resources: {
    letter: {
      path: "/letters",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({ to: z.string() }), safety: { kind: "natural" } },
    },
  },
});

/** Runs what a batch is compiled into on one message, and gives the results of its steps. */
async function run(batch: Batch, type: string, event: unknown): Promise<Map<string, unknown>> {
  const steps = new Map<string, unknown>();
  const step = async (name: string, work: () => Promise<unknown>): Promise<unknown> => {
    const result = await work();
    steps.set(name, result);
    return result;
  };
  const context = {
    event,
    type,
    tenant: "acme",
    attempt: 1,
    step,
    target: "the target",
    connections: {},
    signal: new AbortController().signal,
  };
  await batch.flow.run(context as never);
  return steps;
}

describe("a batch", () => {
  test("reads a page where the one before ended, with the order of each item, and one step comes after it", async () => {
    const asked: unknown[] = [];
    const batch = defineBatch({
      id: "letters",
      to: mailer,
      over: ({ cursor, input, tenant, target }) => {
        asked.push({ cursor, input, tenant, target });
        return Promise.resolve({ items: [{ to: "ada" }, { to: "grace" }], next: { after: 2 }, total: 9 });
      },
      orderKey: ({ to }) => to,
      run: async () => {},
    });
    const steps = await run(batch, batchEvents.read, { run: "run_1", page: 3, cursor: { after: 1 }, input: "x" });
    expect(asked).toEqual([{ cursor: { after: 1 }, input: "x", tenant: "acme", target: "the target" }]);
    expect(steps.get(pageStep)).toEqual({
      run: "run_1",
      page: 3,
      items: [
        { order: "ada", item: { to: "ada" } },
        { order: "grace", item: { to: "grace" } },
      ],
      next: { cursor: { after: 2 } },
      input: "x",
      total: 9,
    } satisfies ReadPage);
    expect([...steps.keys()].indexOf(pageStep)).toBeLessThan(steps.size - 1);
  });

  test("gives each item to run, as the source parses it", async () => {
    const seen: unknown[] = [];
    const batch = defineBatch({
      id: "letters",
      to: mailer,
      over: { read: () => Promise.resolve({ items: [] }), parse: (read) => Number(read) * 2 },
      run: ({ item, tenant, batchRun, target }) => Promise.resolve(void seen.push({ item, tenant, batchRun, target })),
    });
    await run(batch, batchEvents.item, { run: "run_1", item: "21" });
    expect(seen).toEqual([{ item: 42, tenant: "acme", batchRun: "run_1", target: "the target" }]);
  });

  test.each([[{ items: "none" }], [{ items: Array.from({ length: 5_001 }, () => 1) }], [{ items: [], next: () => 1 }]])(
    "refuses a page that is none",
    async (page) => {
      const batch = defineBatch({ id: "letters", to: mailer, over: () => Promise.resolve(page as never), run: async () => {} });
      await expect(run(batch, batchEvents.read, { run: "r", page: 0, cursor: null, input: null })).rejects.toMatchObject({
        code: "SDK_BATCH_PAGE_INVALID",
      });
    },
  );

  test.each([
    ["id", { id: "Letters" }],
    ["over", { over: "customers.csv" }],
    ["to", { to: undefined }],
    ["every", { every: "daily" }],
    ["run", { run: undefined }],
  ])("that is declared wrongly is refused with its field %s", (field, wrong) => {
    const right = { id: "letters", to: mailer, over: () => Promise.resolve({ items: [] }), run: async () => {} };
    expect(() => defineBatch({ ...right, ...wrong } as never)).toThrow(
      expect.objectContaining({ code: "SDK_BATCH_INVALID", details: expect.objectContaining({ field }) as unknown }),
    );
  });
});
