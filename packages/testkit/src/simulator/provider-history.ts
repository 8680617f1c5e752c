import type { HistoryEntry } from "./history.ts";
import type { Simulator } from "./simulate.ts";
import type { Write } from "./store.ts";
import type { WebhookDelivery } from "./webhooks/index.ts";

/** What has happened at a simulated provider, ready for assertions. */
export interface ProviderHistory {
  /** Every request in the order in which they came, with what befell it, what it committed and what was answered. */
  readonly requests: readonly HistoryEntry[];
  /** Every committed write to any resource, in the order of commit. */
  readonly writes: readonly Write[];
  /** The webhooks it sent, oldest first, each with its attempts and their answers. */
  readonly webhooks: readonly WebhookDelivery[];
}

/**
 * What has happened at a simulated provider until now; a copy, so what happens later does not change it.
 *
 * ```ts
 * const { writes, webhooks } = history(simulator);
 * expect(writes).toMatchObject([{ resource: "ticket", operation: "create", fields: { subject: "Hello" } }]);
 * expect(webhooks.map(({ state }) => state)).toEqual(["acknowledged"]);
 * ```
 */
export function history(simulator: Simulator, account?: string): ProviderHistory {
  return {
    requests: simulator.history(account).map((entry) => ({ ...entry })),
    writes: simulator.resources.flatMap((resource) => simulator.writes(resource, account)).toSorted((a, b) => a.sequence - b.sequence),
    webhooks: simulator.webhooks.deliveries(account).map((delivery) => structuredClone(delivery)),
  };
}
