import { defineConnector } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { expect, test } from "vitest";
import { z } from "zod";
import { toldRecord } from "./told-record.ts";

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: { owner: { path: "/owners", id: "id", schema: z.object({ id: z.string() }) } },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_000,
    id: { header: "x-id", signed: false },
    type: { header: "x-type" },
    events: { changed: z.object({}), merged: z.object({}), other: z.object({}) },
    subjects: {
      changed: { path: "owner", keys: ["id"], resource: "owner" },
      merged: { path: "owner", keys: ["number"], resource: "owner" },
    },
  },
});
const endpoint = { connector: crm, webhooks: crm.webhooks };

test("an event tells of the record whose id it has, of any where it has another key, and of none where the connector does not say", () => {
  expect(toldRecord(endpoint, "changed", { owner: { id: 7 } })).toEqual({ resource: "owner", record: "7" });
  expect(toldRecord(endpoint, "changed", {})).toEqual({ resource: "owner", record: null });
  expect(toldRecord(endpoint, "merged", { owner: { number: 7 } })).toEqual({ resource: "owner", record: null });
  expect(toldRecord(endpoint, "other", { owner: { id: 7 } })).toBeUndefined();
  expect(toldRecord(endpoint, "constructor", {})).toBeUndefined();
});
