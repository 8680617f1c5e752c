import type { Budget, Demand, Grant, Permit, SharedBudget } from "./budget.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** When all concurrent places are taken, nobody knows when one gets free: ask again soon. */
const askAgainMs = 5;

interface Account {
  readonly windows: readonly (SlidingWindow | undefined)[];
  inFlight: number;
  blockedUntil: number;
}

/** A budget that answers at once. */
export interface MemoryBudget extends Budget {
  take(demand: Demand, now: number): Grant;
  block(budget: SharedBudget, until: number): void;
}

/**
 * A budget whose state lives in this process: for tests, and for whoever is alone with a provider. Other processes with the same connection know nothing of it. Windows are
 * counted in any stretch of time, wherever they begin; nothing is kept free for lanes.
 */
export function createMemoryBudget(): MemoryBudget {
  const accounts = new Map<string, Account>();
  const accountOf = ({ tenant, key, limits }: SharedBudget): Account => {
    const name = `${tenant}/${key}`;
    const known = accounts.get(name);
    if (known !== undefined && known.windows.length === limits.length) return known;
    const account: Account = {
      windows: limits.map(({ requests, perMs }) =>
        requests === Number.POSITIVE_INFINITY ? undefined : new SlidingWindow(requests, perMs),
      ),
      inFlight: known?.inFlight ?? 0,
      blockedUntil: known?.blockedUntil ?? 0,
    };
    accounts.set(name, account);
    return account;
  };
  const waitMs = ({ own, uses }: Demand, now: number): number => {
    let afterMs = Math.max(0, accountOf(own).blockedUntil - now);
    for (const { budget, costs } of uses) {
      const account = accountOf(budget);
      afterMs = Math.max(afterMs, account.blockedUntil - now);
      for (const [index, limit] of budget.limits.entries()) {
        if (account.inFlight >= limit.concurrent) afterMs = Math.max(afterMs, askAgainMs);
        afterMs = Math.max(afterMs, account.windows[index]?.waitMs(now, costs[index]) ?? 0);
      }
    }
    return afterMs;
  };
  return {
    take(demand, now) {
      const afterMs = waitMs(demand, now);
      if (afterMs > 0) return { granted: false, afterMs };
      for (const { budget, costs } of demand.uses) {
        const account = accountOf(budget);
        for (const [index, window] of account.windows.entries()) window?.take(now, costs[index]);
        account.inFlight++;
      }
      const permit: Permit = {
        end: () => {
          for (const { budget } of demand.uses) accountOf(budget).inFlight--;
        },
      };
      return { granted: true, permit };
    },
    block(budget, until) {
      const account = accountOf(budget);
      account.blockedUntil = Math.max(account.blockedUntil, until);
    },
  };
}
