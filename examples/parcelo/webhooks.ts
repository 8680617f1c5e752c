import type { Webhooks } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";
import { record } from "./shipment.ts";

const event = z.object({
  id: z.string(),
  type: z.enum(["shipment.booked", "shipment.changed"]),
  created_at: z.iso.datetime(),
  data: z.object({ shipment: record }),
});

/** How Parcelo sends webhooks. @see PROVIDER.md, Webhooks */
export const webhooks = {
  scheme: hmacSignature({
    header: "Parcelo-Signature",
    prefix: "v1=",
    signed: ["timestamp", { text: "." }, "body"],
    timestamp: { header: "Parcelo-Timestamp", toleranceSeconds: 300 },
  }),
  maxBytes: 64 * 1024,
  id: { body: "id", signed: true },
  type: { body: "type" },
  // The last attempt comes after about two hours.
  redeliveredFor: "1d",
  events: { "shipment.booked": event, "shipment.changed": event },
  retries: { timeout: "15s", pauses: ["1m", "10m", "2h"] },
  subjects: {
    "shipment.booked": { path: "data.shipment", resource: "shipment", keys: ["id"], causedBy: { create: {} } },
    "shipment.changed": { path: "data.shipment", resource: "shipment", keys: ["id"], causedBy: { update: {} } },
  },
} as const satisfies Webhooks;
