import { BelayError, defineConfig, defineConnector, defineEvents, defineFlow, Secret } from "@belay/sdk";
import { z } from "zod";

/* A host application, a desk, and a flow that does what the event says: most of it goes wrong. One tenant for each way, so that no breaker opens for another. */

const record = z.object({ id: z.string(), title: z.string(), email: z.email().nullish() });
const input = z.strictObject({ title: z.string().min(1), email: z.string().optional() });

const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example/api",
  auth: { kind: "bearer" },
  resources: {
    ticket: {
      path: "/tickets",
      id: "id",
      schema: record,
      personal: ["email", "title"],
      find: { by: ["email"], style: { kind: "query" } },
      wrap: { many: "tickets" },
      get: {},
      create: { input, safety: { kind: "key", header: "idempotency-key", keptFor: "1d" } },
    },
    note: { path: "/notes", id: "id", schema: record, create: { input, safety: { kind: "once" } } },
    odd: {
      path: "/odd",
      id: "id",
      schema: record,
      create: {
        input,
        safety: { kind: "natural" },
        request: () => {
          throw new Error("The connector's own code broke.");
        },
      },
    },
  },
  errors: [
    { status: 422, class: "record-refused", code: "DESK_TITLE_TAKEN", retry: "never", meaning: "Such a title is there. Choose another." },
  ],
});

const app = defineEvents(
  { "thing.happened": z.object({ do: z.string(), title: z.string(), email: z.email(), phone: z.string().regex(/^\+\d[\d ]+$/) }) },
  { personal: { "thing.happened": ["title", "email", "phone"] } },
);

const act = defineFlow({
  id: "act",
  on: app["thing.happened"],
  to: desk,
  orderKey: ({ do: what, title }) => (what === "have no order key" ? "" : title),
  run: async ({ event, step, target }) => {
    const { title, email } = event;
    await step("look", async () => ({ known: (await target.ticket.find({ email })) !== undefined }));
    switch (event.do) {
      case "create":
        await step("create", () => target.ticket.create({ title, email }));
        return;
      case "note":
        await step("note", () => target.note.create({ title }));
        return;
      case "send nothing":
        await step("create", () => target.ticket.create({ title: "" }));
        return;
      case "throw":
        await step("count", async () => Promise.reject(new TypeError(`undefined is no list of ${email}`)));
        return;
      case "give a circle":
        await step("circle", async () => {
          const circle: { self?: unknown } = {};
          circle.self = circle;
          return circle;
        });
        return;
      case "repeat a step":
        await step("one", async () => 1);
        await step("one", async () => 2);
        return;
      case "use odd code":
        await step("odd", () => target.odd.create({ title }));
        return;
      case "refuse what is old":
        if (Date.now() > Date.parse("2026-01-01")) throw new BelayError("MINE_TOO_OLD", "It is too late.", { retry: "never" });
        return;
      default:
        return;
    }
  },
});

/** What a tenant asks for, and how it goes wrong: the tenants of the configuration. */
export const kinds = [
  ["refused", "create"],
  ["unauthorized", "create"],
  ["forbidden", "create"],
  ["unavailable", "create"],
  ["limited", "create"],
  ["timed-out", "create"],
  ["lost", "create"],
  ["drifted", "create"],
  ["not-json", "create"],
  ["unknown-outcome", "note"],
  ["wrong-input", "send nothing"],
  ["thrown", "throw"],
  ["circle", "give a circle"],
  ["repeated", "repeat a step"],
  ["mapping", "use odd code"],
  ["old", "refuse what is old"],
] as const;

export default defineConfig({
  connectors: [desk],
  events: app,
  flows: [act],
  connections: kinds.map(([tenant]) => ({
    id: `${tenant}-desk`,
    tenant,
    connector: "desk",
    credential: { token: new Secret("a-token-that-no-file-has") },
  })),
});
