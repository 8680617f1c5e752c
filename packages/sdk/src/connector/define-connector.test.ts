import { describe, expect, test } from "vitest";
import { z } from "zod";
import { hmacSignature } from "../webhook/index.ts";
import { defineConnector } from "./define-connector.ts";
import type { Webhooks } from "./types.ts";

const webhooks = {
  scheme: hmacSignature({ header: "X-Signature" }),
  maxBytes: 1_024,
  id: { body: "id", signed: true },
  type: { body: "type" },
  events: { "deal.won": z.object({ id: z.string(), type: z.literal("deal.won") }) },
} as const satisfies Webhooks;
const define = (changes: Partial<Webhooks>) =>
  defineConnector({
    id: "crm",
    title: "CRM",
    baseUrl: "https://crm.example",
    auth: { kind: "bearer" },
    resources: {},
    webhooks: { ...webhooks, ...changes },
  });

describe("what a connector declares about its webhooks", () => {
  test("is taken as it stands where it fits", () => {
    expect(define({ subjects: { "deal.won": { path: "deal", keys: ["id"] } } }).webhooks.subjects).toEqual({
      "deal.won": { path: "deal", keys: ["id"] },
    });
  });

  test.each([
    ["webhooks.subjects.deal.lost", { subjects: { "deal.lost": { path: "deal", keys: ["id"] } } }],
    ["webhooks.examples.deal.lost", { examples: { "deal.lost": async () => ({}) } }],
    ["webhooks.subjects.deal.won.keys", { subjects: { "deal.won": { path: "deal", keys: [] } } }],
    ["webhooks.subjects.deal.won.resource", { subjects: { "deal.won": { path: "deal", keys: ["id"], resource: "deal" } } }],
  ] satisfies [string, Partial<Webhooks>][])("is refused at %s where it names what does not exist", (field, changes) => {
    expect(() => define(changes)).toThrow(
      expect.objectContaining({ code: "SDK_CONNECTOR_INVALID", details: expect.objectContaining({ field }) as object }),
    );
  });
});
