/**
 * What Belay runs in the fault suite: a shop that sends signed webhooks, and targets of which some are made up and some are true connectors. Which tenants
 * there are, and where their targets listen, comes by `FAULTS_CONNECTIONS`.
 *
 * @module
 */
import { hubspot } from "@belay/connector-hubspot";
import { zendesk } from "@belay/connector-zendesk";
import { BelayError, type Connection, defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { z } from "zod";
import { desk, input, note } from "./desk.ts";
import type { DeclaredConnection } from "./fault.ts";
import { largestEvent, scheme } from "./shop-event.ts";

const event = z.object({ id: z.string(), do: z.string().min(1), orderKey: z.string().optional() });

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.invalid",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme,
    maxBytes: largestEvent,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "to-desk": event, "to-zendesk": event, "to-hubspot": event, "to-fort": event, "to-both": event },
  },
});

/** A target whose host a tenant chooses, so that it may lead to public addresses only. */
const fort = defineConnector({
  id: "fort",
  title: "Fort",
  baseUrl: "http://{host}",
  auth: { kind: "bearer" },
  resources: { note: { path: "/notes", id: "id", schema: note, create: { input, safety: { kind: "natural" } } } },
});

const toDesk = defineFlow({
  id: "to-desk",
  on: shop.events["to-desk"],
  to: desk,
  orderKey: ({ id, orderKey }) => orderKey ?? id,
  run: async ({ event: { do: what }, step, target }) => {
    switch (what) {
      case "write a note":
        await step("write", () => target.note.create({ text: what }));
        return;
      case "write a letter":
        await step("write", () => target.letter.create({ text: what }));
        return;
      case "write a card":
        await step("write", () => target.card.create({ text: what }));
        return;
      case "write nothing":
        await step("write", () => target.note.create({ text: "" }));
        return;
      case "throw":
        throw new TypeError("customer.address is undefined");
      case "refuse":
        throw new BelayError("SHOP_ORDER_CLOSED", "The order is closed.", { retry: "never" });
      case "hang":
        for (;;);
      case "exit":
        return process.exit(0);
      case "leak": {
        const kept: unknown[] = [];
        for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
      }
      case "never end":
        await new Promise(() => {});
        return;
      case "return a cycle": {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        await step("cycle", async () => cycle);
        return;
      }
      case "repeat a step":
        await step("twice", async () => 1);
        await step("twice", async () => 2);
    }
  },
});

const toZendesk = defineFlow({
  id: "to-zendesk",
  on: shop.events["to-zendesk"],
  to: zendesk,
  run: async ({ event: { id, do: what }, step, target }) => {
    if (what === "update a ticket") await step("update", () => target.ticket.update("1", { subject: "Late" }));
    else await step("create", () => target.ticket.create({ external_id: id, subject: "Late", comment: { body: "Where is it?" } }));
  },
});

const toHubspot = defineFlow({
  id: "to-hubspot",
  on: shop.events["to-hubspot"],
  to: hubspot,
  run: async ({ event: { id }, step, target }) => {
    await step("create", () => target.contact.create({ stripe_customer_id: id, email: "ada@acme.example" }));
  },
});

const toFort = defineFlow({
  id: "to-fort",
  on: shop.events["to-fort"],
  to: fort,
  run: async ({ step, target }) => {
    await step("write", () => target.note.create({ text: "for the fort" }));
  },
});

const toBoth = defineFlow({
  id: "to-both",
  on: shop.events["to-both"],
  to: desk,
  connections: { tickets: zendesk },
  run: async ({ event: { id }, step, target, connections }) => {
    const ticket = await step("ticket", () =>
      connections.tickets.ticket.create({ external_id: id, subject: "Late", comment: { body: "Where is it?" } }),
    );
    await step("note", () => target.note.create({ text: `ticket ${ticket.id}` }));
  },
});

/** `?without=<connection>`: as if the tenant had disconnected it. */
const without = new URL(import.meta.url).searchParams.get("without");
const declared = JSON.parse(process.env["FAULTS_CONNECTIONS"] ?? "[]") as readonly DeclaredConnection[];

export default defineConfig({
  connectors: [shop, desk, fort, zendesk, hubspot],
  flows: [toDesk, toZendesk, toHubspot, toFort, toBoth],
  connections: declared.filter(({ id }) => id !== without).map(toConnection),
});

function toConnection({ credential = {}, webhookSecret, ...rest }: DeclaredConnection): Connection {
  const secrets = Object.entries(credential).map(([name, text]) => [name, new Secret(text)]);
  return {
    ...rest,
    ...(secrets.length > 0 && { credential: Object.fromEntries(secrets) as Record<string, Secret> }),
    ...(webhookSecret !== undefined && { webhookSecrets: [new Secret(webhookSecret)] }),
  };
}
