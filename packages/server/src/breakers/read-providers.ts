import type { Db } from "../db/index.ts";
import { countWaitingFor } from "../mailbox/index.ts";
import { type BreakerRow, describeOpen } from "./store.ts";
import type { ProviderSize } from "./types.ts";

/** A connection whose own breaker is not closed. */
export interface ProviderConnection {
  readonly tenant: string;
  readonly connection: string;
  readonly state: "open" | "half-open";
  readonly since: string;
  readonly nextProbeAt: string;
}

/** A provider as it stands with its breakers. */
export interface Provider {
  readonly provider: string;
  readonly state: "closed" | "open" | "half-open";
  /** Null: closed. */
  readonly since: string | null;
  readonly nextProbeAt: string | null;
  /** How many the installation has. */
  readonly connections: number;
  readonly tenants: number;
  /** Mailboxes that wait because it, or one of its connections, is not called now. */
  readonly waitingMailboxes: number;
  /** Those that fail while the provider as a whole does not. */
  readonly failing: ProviderConnection[];
}

/** All providers, by name, each with what of it is not closed. `sizes`: those of the catalog. */
export async function readProviders(
  db: Db,
  sizes: ReadonlyMap<string, ProviderSize & { readonly ids: readonly string[] }>,
): Promise<Provider[]> {
  const rows = await describeOpen(db);
  const byProvider = Map.groupBy(rows, ({ provider }) => provider);
  const waiting = rows.length === 0 ? new Map<string, number>() : await countWaitingFor(db, "HTTP_CIRCUIT_OPEN");
  return [...sizes]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([provider, { connections, tenants, ids }]) => {
      const open = byProvider.get(provider) ?? [];
      const own = open.find(({ scope }) => scope === "provider");
      return {
        provider,
        state: own === undefined ? "closed" : stateOf(own),
        since: own?.openedAt ?? null,
        nextProbeAt: own?.probeAt ?? null,
        connections,
        tenants: tenants.length,
        waitingMailboxes: ids.reduce((sum, id) => sum + (waiting.get(id) ?? 0), 0),
        failing: open.filter(({ scope }) => scope === "connection").map(toConnection),
      };
    });
}

function stateOf({ probing }: BreakerRow): "open" | "half-open" {
  return probing ? "half-open" : "open";
}

function toConnection(row: BreakerRow): ProviderConnection {
  return { tenant: row.tenant, connection: row.name, state: stateOf(row), since: row.openedAt, nextProbeAt: row.probeAt };
}
