/**
 * Parcelo, a carrier that does not exist: what the guide to connectors builds. Written from PROVIDER.md and the guide alone.
 *
 * @see docs/guide/connectors.md
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { shipment } from "./shipment.ts";
import { webhooks } from "./webhooks.ts";

export type { Shipment } from "./shipment.ts";

/**
 * The contract of Parcelo. Resource: `shipment`; events: `shipment.booked`, `shipment.changed`. Credential: `apiKey`.
 *
 * The limit: 120 requests in any minute and key, told by headers and refused with 429.
 */
export const parcelo = defineConnector({
  id: "parcelo",
  title: "Parcelo",
  baseUrl: "https://api.parcelo.example",
  auth: { kind: "apiKey", header: "X-Parcelo-Key" },
  versions: { in: "path", use: "v2", known: [{ version: "v2" }, { version: "v1", sunset: "2025-09-01" }] },
  resources: { shipment },
  limits: [
    {
      requests: 120,
      per: "1m",
      counts: "sliding",
      headers: {
        limit: "RateLimit-Limit",
        remaining: "RateLimit-Remaining",
        reset: { header: "RateLimit-Reset", form: "deltaSeconds" },
      },
    },
  ],
  errors,
  webhooks,
});
