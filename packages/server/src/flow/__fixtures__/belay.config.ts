import { BelayError, defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

/* A configuration for worker threads: the event says what its handler is to do. */

const source = defineConnector({
  id: "source",
  title: "Source",
  baseUrl: "https://source.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_000,
    id: { header: "x-id", signed: false },
    type: { header: "x-type" },
    events: { act: z.object({ do: z.string(), name: z.string().optional() }) },
  },
});

const target = defineConnector({
  id: "target",
  title: "Target",
  baseUrl: "https://target.example",
  auth: { kind: "bearer" },
  resources: {
    note: {
      path: "/notes",
      id: "id",
      schema: z.object({ id: z.string() }),
      get: {},
      create: { input: z.object({ name: z.string() }), safety: { kind: "natural" } },
    },
    /** Written many at once. */
    card: {
      path: "/cards",
      id: "id",
      schema: z.object({ id: z.string() }),
      find: { by: ["name"], style: { kind: "query" } },
      create: { input: z.object({ name: z.string() }), safety: { kind: "readBack", readBack: { by: "name" } } },
      createMany: {
        path: "/cards/batch",
        most: 3,
        outcomes: { match: "position", status: { at: "status" } },
        safety: { kind: "itemKey", member: "key", keptFor: "1d" },
      },
    },
  },
});

const hostile = {
  get toString(): never {
    throw new Error("no text for you");
  },
};
const thrown: Readonly<Record<string, unknown>> = {
  error: new TypeError("broken"),
  never: new BelayError("MINE_REFUSED", "Refused.", { retry: "never" }),
  later: new BelayError("MINE_BUSY", "Busy.", { retry: { afterMs: 5_000 } }),
  waits: new BelayError("MINE_FULL", "Full.", { retry: { afterMs: 5_000 }, details: { waits: true } }),
  text: "a text",
  nothing: undefined,
  null: null,
  symbol: Symbol("s"),
  bare: Object.create(null),
  hostile,
  "fake, bare": Object.assign(new Error("fake"), { name: "BelayError", code: "FAKE", retry: undefined }),
  "fake, odd": Object.assign(new Error("fake"), {
    name: "BelayError",
    code: { a: 1 },
    retry: { afterMs: "soon" },
    details: null,
    message: () => 1,
  }),
};

const act = defineFlow({
  id: "act",
  on: source.events.act,
  to: target,
  run: async ({ event, step, target: client, signal }) => {
    const what = event.do;
    if (what.startsWith("throw ")) throw thrown[what.slice("throw ".length)];
    switch (what) {
      case "return nonsense":
        return (() => 1) as never;
      case "hang later":
        await Promise.resolve();
        for (;;);
      case "exit later":
        await Promise.resolve();
        return process.exit(1);
      case "exit":
        return process.exit(0);
      case "hang":
        for (;;);
      case "leak": {
        const kept: unknown[] = [];
        // It yields: else it would be taken for one that stands still.
        for (;;) {
          kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      case "reject aside":
        void Promise.reject(new Error("aside"));
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return undefined;
      case "never end":
        await new Promise(() => {});
        return undefined;
      case "wait for its steps":
        await step("one", async () => "1");
        await step("two", async () => "2");
        return undefined;
      case "write":
        await step("write", async () => await client.note.create({ name: event.name ?? "" }));
        return undefined;
      case "write after a step":
        await step("one", async () => "1");
        await step("write", async () => await client.note.create({ name: event.name ?? "" }));
        return undefined;
      case "write and look away":
        await client.note.create({ name: event.name ?? "" }).catch(() => {});
        return undefined;
      case "write when told to stop":
        await step("one", async () => "1");
        await step("two", async () => "2");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await client.note.create({ name: event.name ?? "" });
        return undefined;
      case "write a card":
        await step("write", async () => await client.card.create({ name: event.name ?? "" }));
        return undefined;
      case "look up":
        await step("look up", async () => await client.note.get("1", { maxAge: "1m" }));
        return undefined;
      case "create and look up":
        await step("create", async () => await client.note.create({ name: "1" }));
        await step("look up", async () => await client.note.get("1", { maxAge: "1m" }));
        return undefined;
      case "read or fall back":
        await step("read", async () => await client.note.get("1", { fallback: { lastKnown: { maxAge: "1h" } } }));
        await step("end", async () => "");
        return undefined;
      case "write or queue":
        await client.note.create({ name: event.name ?? "" }, { fallback: { queue: true } });
        return undefined;
      case "write or go another way":
        await client.note.create({ name: event.name ?? "" }, { fallback: { error: true } }).catch(async (error: unknown) => {
          await step("other way", async () => (error instanceof BelayError ? error.code : "unknown"));
          await step("end", async () => "");
        });
        return undefined;
      default:
        return undefined;
    }
  },
});

export default defineConfig({
  connectors: [source, target],
  flows: [act],
  connections: [
    {
      id: "acme-target",
      tenant: "acme",
      connector: "target",
      baseUrl: process.env["BELAY_TEST_TARGET"] ?? "http://127.0.0.1:1",
      credential: { token: new Secret("t") },
    },
  ],
});
