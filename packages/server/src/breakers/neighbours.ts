import type { BreakerDesk, OpenBreaker } from "./types.ts";

interface DidWell {
  connection: string;
  at: number;
  /** The newest of another connection than that. */
  otherAt: number;
}

/**
 * Tells whether a connection fails alone: it does when others of its provider do well meanwhile. Only what fails without such a neighbour may count against the
 * provider.
 */
export class Neighbours {
  readonly #desk: BreakerDesk;
  readonly #didWell = new Map<string, DidWell>();
  /** Providers of which connections are open that nobody has vouched against. */
  readonly #suspected = new Map<string, Set<string>>();

  constructor(desk: BreakerDesk) {
    this.#desk = desk;
  }

  didWell(connection: string, provider: string, now: number): void {
    const last = this.#didWell.get(provider);
    if (last === undefined) this.#didWell.set(provider, { connection, at: now, otherAt: Number.NEGATIVE_INFINITY });
    else if (last.connection === connection) last.at = now;
    else {
      last.otherAt = last.at;
      last.connection = connection;
      last.at = now;
    }
    if (this.#suspected.size > 0) this.#vouch(connection, provider);
  }

  /** Whether another connection of the provider has done well since then. */
  haveDoneWell(connection: string, provider: string, since: number): boolean {
    const last = this.#didWell.get(provider);
    if (last === undefined) return false;
    return (last.connection === connection ? last.otherAt : last.at) >= since;
  }

  /** Learns which connections are open without a neighbour that does well. */
  suspect(open: readonly OpenBreaker[]): void {
    this.#suspected.clear();
    for (const { scope, key, provider, suspected } of open) {
      if (scope !== "connection" || !suspected) continue;
      const of = this.#suspected.get(provider);
      if (of === undefined) this.#suspected.set(provider, new Set([key]));
      else of.add(key);
    }
  }

  /** Once; should it come too early to count, the next news of what is open brings it about again. */
  #vouch(connection: string, provider: string): void {
    const suspected = this.#suspected.get(provider);
    if (suspected === undefined || suspected.has(connection)) return;
    this.#suspected.delete(provider);
    this.#desk.vouch({ connection, provider });
  }
}
