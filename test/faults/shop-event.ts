import { hmacSignature } from "@belay/sdk/webhook";

/** A webhook of the suite's shop. */
export interface ShopEvent {
  readonly id: string;
  /** Also the flow: which target it is meant for. */
  readonly type: "to-desk" | "to-zendesk" | "to-hubspot" | "to-fort" | "to-both";
  /** What the flow does with it. */
  readonly do: string;
  /** Default: the id. */
  readonly orderKey?: string;
}

export const largestEvent = 20_000;

export const scheme = hmacSignature({
  header: "x-shop-signature",
  signed: ["timestamp", { text: "." }, "body"],
  timestamp: { header: "x-shop-timestamp", toleranceSeconds: 300 },
});

/** Everything listens on loopback and ends with the run. */
export const webhookSecret = "the fault suite signs with this";

/** The last part of a tenant's ingest URL. */
export function endpointOf(tenant: string): string {
  return `endpoint-of-${tenant}`.padEnd(16, "-").slice(0, 64);
}
